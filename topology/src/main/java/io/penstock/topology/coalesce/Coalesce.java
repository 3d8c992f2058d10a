package io.penstock.topology.coalesce;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Pending;
import io.penstock.topology.flow.Replies;
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

/**
 * Lets a request join the one in flight for its fingerprint; a late one goes no further, nor one
 * that wants no call.
 */
public final class Coalesce {
  private Coalesce() {}

  public static Stage in(
      KStream<String, Pending> open,
      Admission admission,
      SingleFlight law,
      StateStores stores,
      MeterRegistry meters) {
    return Stage.of(
        "coalesce",
        open,
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return stores.inFlight();
          }

          @Override
          public Joining get() {
            return new Joining(admission, law, meters);
          }
        });
  }

  private static final class Joining extends ContextualProcessor<String, Pending, String, Step> {
    private final Admission admission;
    private final SingleFlight law;
    private final MeterRegistry meters;
    private InFlight inFlight;
    private Exits exits;

    Joining(Admission admission, SingleFlight law, MeterRegistry meters) {
      this.admission = admission;
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
      Pending pending = record.value();
      admission
          .tooLate(pending.request(), exits.now())
          .ifPresentOrElse(failure -> refuse(pending, failure), () -> join(pending));
    }

    private void refuse(Pending pending, Failure failure) {
      exits.reply(Replies.rejected(pending.request(), pending.lane(), failure, exits.now()));
    }

    private void join(Pending pending) {
      Flight open = inFlight.of(pending.fingerprint()).getOpen();
      if (open == null) {
        Freshness.notCached(pending.request())
            .ifPresentOrElse(failure -> refuse(pending, failure), () -> exits.open(pending));
      } else {
        inFlight.follow(
            pending.fingerprint(),
            open.getGroup(),
            SingleFlight.follow(open, pending.request(), pending.lane()));
        if (SingleFlight.slower(open, pending.lane())) {
          exits.open(pending); // Dispatching sees whether the flight is to hurry.
        }
      }
    }
  }
}
