package io.penstock.ingress;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.schemas.Meter;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ServedBy;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** How long things took, for the metrics. Any thread. */
final class Timings {
  private static final String NOBODY = "none";
  private static final Duration SHORTEST = Duration.ofNanos(500_000);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final MeterRegistry meters;
  private final ConcurrentHashMap<Waited, Timer> waited = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Exchange, Timer> exchanges = new ConcurrentHashMap<>();

  private record Waited(Lane lane, @Nullable ServedBy servedBy) {}

  private record Exchange(String route, int status) {}

  Timings(MeterRegistry meters) {
    this.meters = meters;
  }

  /** A caller waited this long for this response. */
  void waited(InferenceResponse response, long nanos) {
    waited
        .computeIfAbsent(
            new Waited(response.getLane(), response.getServedBy()),
            key ->
                timer(
                    Meter.REQUEST_DURATION,
                    Topics.word(key.lane()),
                    key.servedBy() == null ? NOBODY : ResponseWriter.word(key.servedBy())))
        .record(Duration.ofNanos(nanos));
  }

  /** An HTTP request on this route was replied to. */
  void exchanged(String route, int status, long nanos) {
    exchanges
        .computeIfAbsent(
            new Exchange(route, status),
            key -> timer(Meter.HTTP, key.route(), Integer.toString(key.status())))
        .record(Duration.ofNanos(nanos));
  }

  private Timer timer(Meter meter, String... values) {
    Tags tags = Tags.empty();
    for (int i = 0; i < values.length; i++) {
      tags = tags.and(meter.tags().get(i), values[i]);
    }
    return Timer.builder(meter.id())
        .description(meter.description())
        .tags(tags)
        .publishPercentileHistogram()
        .minimumExpectedValue(SHORTEST)
        .maximumExpectedValue(LONGEST)
        .register(meters);
  }
}
