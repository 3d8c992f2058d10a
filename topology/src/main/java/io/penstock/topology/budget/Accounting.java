package io.penstock.topology.budget;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.budget.Accounts;
import io.penstock.policies.budget.Budgets;
import io.penstock.schemas.Topics;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.Account;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.flow.Step;
import io.penstock.topology.flow.Sweep;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the accounts of tenants. All questions about one tenant come to one task, which alone gives
 * its money out, in slices, to the tasks that spend it.
 */
public final class Accounting {
  private static final Logger LOG = LoggerFactory.getLogger(Accounting.class);
  private static final Duration SWEEP_EVERY = Duration.ofMinutes(1);

  private Accounting() {}

  public static Stage in(
      KStream<byte[], byte[]> questions,
      Topics topics,
      Budgets budgets,
      StateStores stores,
      MeterRegistry meters) {
    ProcessorSupplier<byte[], byte[], String, Step> keepers =
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return Set.of(stores.accounts());
          }

          @Override
          public Processor<byte[], byte[], String, Step> get() {
            return new Keeper(topics, budgets, meters);
          }
        };
    return new Stage("accounts", questions.process(keepers, Named.as("accounts")));
  }

  private static final class Keeper extends ContextualProcessor<byte[], byte[], String, Step> {
    private final Budgets budgets;
    private final MeterRegistry meters;
    private final Deserializer<BudgetQuestion> decoder;
    private KeyValueStore<String, Account> accounts;
    private Exits exits;

    Keeper(Topics topics, Budgets budgets, MeterRegistry meters) {
      this.budgets = budgets;
      this.meters = meters;
      this.decoder = topics.budgetQuestions().values().deserializer();
    }

    @Override
    public void init(ProcessorContext<String, Step> context) {
      super.init(context);
      exits = new Exits(context, meters);
      accounts = context.getStateStore(StateStores.ACCOUNTS);
      var old = new Sweep<>(accounts, account -> Accounts.forgettable(account, exits.now()));
      context.schedule(SWEEP_EVERY, PunctuationType.WALL_CLOCK_TIME, time -> old.step());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      try {
        answer(decoder.deserialize("", record.value()));
      } catch (UndecodableException e) {
        LOG.warn("a question that nobody can read gets no answer", e);
      }
    }

    private void answer(BudgetQuestion question) {
      Instant now = exits.now();
      Account known = accounts.get(question.getPot());
      Account before = known == null ? Accounts.opened(question) : known;
      Accounts.Answer answer =
          Accounts.answer(before, question, budgets.ofPot(question.getPot()), now);
      if (!answer.next().equals(known)) {
        accounts.put(question.getPot(), answer.next());
      }
      BudgetGrant grant = answer.grant();
      if (grant != null) {
        exits.grant(grant);
      }
      BudgetState state = answer.state();
      if (state != null && Accounts.lasts(state, now)) {
        exits.stands(Budgets.idOf(question.getPot()), state);
      }
      if (answer.exceeded() && state != null) {
        exits.exceeded(state);
      }
    }
  }
}
