package io.penstock.topology.dispatch;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.coalesce.Effect;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.coalesce.Transition;
import io.penstock.schemas.avro.Flights;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Pending;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.flow.Step;
import java.util.Set;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;

/** Opens a flight for a request that nobody could answer, and hands it to the workers. */
public final class Dispatching {
  private Dispatching() {}

  public static Stage in(
      KStream<String, Pending> planned,
      SingleFlight law,
      StateStores stores,
      MeterRegistry meters) {
    return Stage.of(
        "dispatch",
        planned,
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return stores.inFlight();
          }

          @Override
          public Opener get() {
            return new Opener(law, meters);
          }
        });
  }

  private static final class Opener extends ContextualProcessor<String, Pending, String, Step> {
    private final SingleFlight law;
    private final MeterRegistry meters;
    private InFlight inFlight;
    private Exits exits;

    Opener(SingleFlight law, MeterRegistry meters) {
      this.law = law;
      this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<String, Step> context) {
      super.init(context);
      inFlight = new InFlight(context, law);
      exits = new Exits(context, meters);
    }

    @Override
    public void process(Record<String, Pending> record) {
      Pending p = record.value();
      Flights before = inFlight.of(p.fingerprint());
      Transition opened = law.lead(before, p.request(), p.lane(), p.plan(), exits.now());
      inFlight.write(p.fingerprint(), before, opened);
      for (Effect effect : opened.effects()) {
        if (effect instanceof Effect.Emit(var flight)) {
          exits.work(Dispatches.of(p.fingerprint(), flight));
        }
      }
    }
  }
}
