package io.penstock.topology.exactcache;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.ServedBy;
import io.penstock.topology.admit.Idempotency;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Pending;
import io.penstock.topology.flow.Replies;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.flow.Step;
import io.penstock.topology.flow.Sweep;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Answers a request whose equal was answered before. A hit changes no state, unless it must be
 * remembered for an idempotency key.
 */
public final class ExactCache {
  private static final Duration SWEEP_EVERY = Duration.ofSeconds(1);

  private ExactCache() {}

  public static Stage in(
      KStream<String, Pending> open,
      Freshness freshness,
      Costing costing,
      StateStores stores,
      MeterRegistry meters) {
    return Stage.of(
        "exact-cache",
        open,
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return Set.of(stores.answers(), stores.answered());
          }

          @Override
          public Lookup get() {
            return new Lookup(freshness, costing, meters);
          }
        });
  }

  private static final class Lookup extends ContextualProcessor<String, Pending, String, Step> {
    private final Freshness freshness;
    private final Costing costing;
    private final MeterRegistry meters;
    private KeyValueStore<String, CachedAnswer> answers;
    private Idempotency idempotency;
    private Exits exits;

    Lookup(Freshness freshness, Costing costing, MeterRegistry meters) {
      this.freshness = freshness;
      this.costing = costing;
      this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<String, Step> context) {
      super.init(context);
      answers = context.getStateStore(StateStores.ANSWERS);
      idempotency = new Idempotency(context);
      exits = new Exits(context, meters);
      var old = new Sweep<>(answers, answer -> freshness.forgettable(answer, exits.now()));
      context.schedule(SWEEP_EVERY, PunctuationType.WALL_CLOCK_TIME, time -> old.step());
    }

    @Override
    public void process(Record<String, Pending> record) {
      Pending pending = record.value();
      CachedAnswer stored = answers.get(pending.fingerprint());
      if (stored != null && freshness.serves(stored, pending.request(), exits.now())) {
        serve(pending, stored);
      } else {
        exits.open(pending);
      }
    }

    private void serve(Pending pending, CachedAnswer stored) {
      Instant now = exits.now();
      CostEvent avoided =
          costing.avoided(
              pending.request(),
              pending.lane(),
              pending.fingerprint(),
              stored,
              Cause.EXACT,
              Freshness.askedAt(pending.request(), now));
      InferenceResponse response =
          Replies.shared(
              pending.request(),
              pending.lane(),
              stored,
              ServedBy.EXACT,
              avoided,
              pending.fingerprint(),
              now);
      idempotency.remember(pending.request(), response);
      exits.reply(response);
      exits.cost(avoided);
    }
  }
}
