package io.penstock.topology.dispatch;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.coalesce.Effect;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.coalesce.Transition;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flights;
import io.penstock.topology.budget.Spending;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Pending;
import io.penstock.topology.flow.Replies;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.flow.Step;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Opens a flight for a request that nobody could answer, and hands it to the workers: at once, or
 * when the budgets it counts against have money for it.
 */
public final class Dispatching {
  private Dispatching() {}

  public static Stage in(
      KStream<String, Pending> planned,
      SingleFlight law,
      Spending.Laws money,
      StateStores stores,
      MeterRegistry meters) {
    return Stage.of(
        "dispatch",
        planned,
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return Stream.concat(stores.inFlight().stream(), stores.budgets().stream())
                .collect(Collectors.toSet());
          }

          @Override
          public Opener get() {
            return new Opener(law, money, meters);
          }
        });
  }

  private static final class Opener extends ContextualProcessor<String, Pending, String, Step> {
    private final SingleFlight law;
    private final Spending.Laws money;
    private final MeterRegistry meters;
    private InFlight inFlight;
    private Exits exits;
    private Spending spending;

    Opener(SingleFlight law, Spending.Laws money, MeterRegistry meters) {
      this.law = law;
      this.money = money;
      this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<String, Step> context) {
      super.init(context);
      inFlight = new InFlight(context, law);
      exits = new Exits(context, meters);
      spending = new Spending(context, money, exits);
    }

    @Override
    public void process(Record<String, Pending> record) {
      Pending pending = record.value();
      spending
          .refusal(pending, exits.now())
          .ifPresentOrElse(failure -> refuse(pending, failure), () -> open(pending));
    }

    private void refuse(Pending p, Failure failure) {
      exits.reply(Replies.rejected(p.request(), p.lane(), failure, exits.now()));
    }

    private void open(Pending p) {
      Flights before = inFlight.of(p.fingerprint());
      Transition opened = law.lead(before, p.request(), p.lane(), p.plan(), exits.now());
      inFlight.write(p.fingerprint(), before, opened);
      for (Effect effect : opened.effects()) {
        if (effect instanceof Effect.Emit(var flight)
            && spending.handsOut(p.fingerprint(), flight, exits.now())) {
          exits.work(Dispatches.of(p.fingerprint(), flight));
        }
      }
    }
  }
}
