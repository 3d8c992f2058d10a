package io.penstock.topology.gate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.gate.Pacing;
import io.penstock.schemas.Meter;
import java.util.List;
import java.util.function.Supplier;

/** How the gate stands, for {@code /metrics}. Written by the pump's thread, read by any. */
final class GateMeters implements AutoCloseable {
  private static final double UNKNOWN = Double.NaN;

  private final MeterRegistry registry;
  private final Counter letIn;
  private final List<Gauge> gauges;
  private volatile Stand stand = Stand.NONE;

  private record Stand(long waiting, int unread, long work, double pace, double allowed) {
    static final Stand NONE = new Stand(0, 0, 0, UNKNOWN, UNKNOWN);
  }

  GateMeters(MeterRegistry registry) {
    this.registry = registry;
    this.letIn =
        Counter.builder(Meter.GATE_LET_IN.id())
            .description(Meter.GATE_LET_IN.description())
            .register(registry);
    this.gauges =
        List.of(
            gauge(Meter.GATE_WAITING, () -> stand.waiting),
            gauge(Meter.GATE_UNREAD, () -> stand.unread),
            gauge(Meter.GATE_WORK, () -> stand.work),
            gauge(Meter.GATE_PACE, () -> stand.pace),
            gauge(Meter.GATE_EXPRESS_ALLOWED, () -> stand.allowed));
  }

  private Gauge gauge(Meter meter, Supplier<Number> value) {
    return Gauge.builder(meter.id(), value).description(meter.description()).register(registry);
  }

  void letIn(int records) {
    letIn.increment(records);
  }

  void stand(long waiting, int unread, long work, Pacing pacing) {
    double pace = pacing.mode() == Pacing.Mode.RESTING ? 0 : pacing.perSecond();
    double allowed = pacing.allowedMs().orElse(UNKNOWN) / 1e3;
    stand = new Stand(waiting, unread, work, pace, allowed);
  }

  /** Nothing is known until the next stand. */
  void rest() {
    stand = Stand.NONE;
  }

  @Override
  public void close() {
    gauges.forEach(registry::remove);
  }
}
