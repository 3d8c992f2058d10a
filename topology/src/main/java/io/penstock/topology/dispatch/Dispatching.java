package io.penstock.topology.dispatch;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.batch.Windowing;
import io.penstock.policies.coalesce.Effect;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.coalesce.Transition;
import io.penstock.policies.prefix.Caching;
import io.penstock.policies.prefix.PromptCaching;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.topology.budget.Spending;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Pending;
import io.penstock.topology.flow.Replies;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.flow.Step;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Opens a flight for a request that nobody could answer, and hands it to the workers: at once, or
 * when the budgets it counts against have money for it.
 */
public final class Dispatching {
  private Dispatching() {}

  /** What dispatching needs to know. */
  public record Laws(SingleFlight singleFlight, Spending.Laws spending, Windowing windowing) {}

  public static Stage in(
      KStream<String, Pending> planned, Laws laws, StateStores stores, MeterRegistry meters) {
    return Stage.of(
        "dispatch",
        planned,
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return Stream.concat(stores.inFlight().stream(), stores.budgets().stream())
                .collect(StateStores.byName());
          }

          @Override
          public Opener get() {
            return new Opener(laws, meters);
          }
        });
  }

  private static final class Opener extends ContextualProcessor<String, Pending, String, Step> {
    private final Laws laws;
    private final MeterRegistry meters;
    private final Prefixes prefixes = new Prefixes();
    private InFlight inFlight;
    private Exits exits;
    private Spending spending;
    private HandOut handOut;

    Opener(Laws laws, MeterRegistry meters) {
      this.laws = laws;
      this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<String, Step> context) {
      super.init(context);
      inFlight = new InFlight(context, laws.singleFlight());
      exits = new Exits(context, meters);
      spending = new Spending(context, laws.spending(), exits);
      handOut = new HandOut(laws.windowing(), exits);
    }

    @Override
    public void process(Record<String, Pending> record) {
      Pending pending = record.value();
      Flights before = inFlight.of(pending.fingerprint());
      Flight flight = before.getOpen();
      if (flight != null) { // It is followed, from a faster lane.
        hurry(pending, before, flight);
        return;
      }
      spending
          .refusal(pending, exits.now())
          .ifPresentOrElse(failure -> refuse(pending, failure), () -> open(pending));
    }

    private void hurry(Pending p, Flights before, Flight flight) {
      if (!handOut.waitsForJob(flight) || spending.holdsBack(p.fingerprint(), flight)) {
        return;
      }
      Transition hurried = laws.singleFlight().hurried(before, p.lane(), exits.now());
      inFlight.write(p.fingerprint(), before, hurried);
      for (Effect effect : hurried.effects()) {
        if (effect instanceof Effect.Emit(var again)) {
          handOut.takeOut(flight);
          handOut.give(p.fingerprint(), again, spending.bounds(again, exits.now()));
        }
      }
    }

    private void refuse(Pending p, Failure failure) {
      exits.reply(Replies.rejected(p.request(), p.lane(), failure, exits.now()));
    }

    private void open(Pending p) {
      Flights before = inFlight.of(p.fingerprint());
      Transition opened =
          laws.singleFlight()
              .lead(before, p.request(), p.lane(), p.plan(), promptCache(p), exits.now());
      inFlight.write(p.fingerprint(), before, opened);
      for (Effect effect : opened.effects()) {
        if (effect instanceof Effect.Emit(var flight)
            && spending.handsOut(p.fingerprint(), flight, exits.now())) {
          handOut.give(p.fingerprint(), flight, spending.bounds(flight, exits.now()));
        }
      }
    }

    /** Whoever goes through a window is told there. */
    private @Nullable PromptCache promptCache(Pending p) {
      if (laws.windowing().gathers(p.request(), p.lane(), p.plan(), exits.now())) {
        return null;
      }
      Caching.Decision decision =
          laws.windowing().caching().decide(p.request(), p.plan(), prefixes::get, exits.now());
      prefixes.learn(decision.learnt());
      exits.promptCache(p.plan().getFirst().getProvider(), PromptCaching.word(decision.cache()));
      return decision.cache();
    }
  }
}
