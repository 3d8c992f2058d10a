package io.penstock.workers;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.penstock.policies.Reason;
import io.penstock.policies.limit.Traffic;
import io.penstock.schemas.Meter;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Lane;
import io.penstock.workers.provider.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/** The workers' metrics, by the names and tags of the catalogue. */
final class CallMeters implements AutoCloseable {
  // Less is the time it takes to look.
  private static final Duration LEAST_HOLD = Duration.ofMillis(5);

  // Requesters choose the names of models, some providers answer to any, and a time series is kept
  // of each.
  private static final int MOST_MODELS = 200;

  // Of these seven are kept of each.
  private static final int MOST_SHOWN = 50;
  private static final String ANOTHER_MODEL = "(another)";

  private final MeterRegistry registry;
  private final Set<String> models = ConcurrentHashMap.newKeySet();
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
  private final MeterProvider<Counter> attempts;
  private final MeterProvider<Counter> deadLetters;
  private final MeterProvider<Counter> unacknowledged;
  private final MeterProvider<Timer> durations;
  private final MeterProvider<Timer> firstTokens;
  private final MeterProvider<Counter> turnedAway;
  private final MeterProvider<Timer> holds;
  private final List<io.micrometer.core.instrument.Meter> shown = new ArrayList<>();
  private final TrafficOf traffic;

  /** The calls of a model, as they are at the moment. */
  interface TrafficOf {
    Optional<Traffic> model(String provider, String model);
  }

  CallMeters(MeterRegistry registry, TrafficOf traffic) {
    this.registry = registry;
    this.traffic = traffic;
    this.attempts =
        Counter.builder(Meter.ATTEMPTS.id())
            .description(Meter.ATTEMPTS.description())
            .withRegistry(registry);
    this.deadLetters =
        Counter.builder(Meter.DEAD_LETTERS.id())
            .description(Meter.DEAD_LETTERS.description())
            .withRegistry(registry);
    this.unacknowledged =
        Counter.builder(Meter.UNACKNOWLEDGED.id())
            .description(Meter.UNACKNOWLEDGED.description())
            .withRegistry(registry);
    this.durations =
        Timer.builder(Meter.ATTEMPT_DURATION.id())
            .description(Meter.ATTEMPT_DURATION.description())
            .withRegistry(registry);
    this.firstTokens =
        Timer.builder(Meter.FIRST_TOKEN.id())
            .description(Meter.FIRST_TOKEN.description())
            .withRegistry(registry);
    this.turnedAway =
        Counter.builder(Meter.CALLS_TURNED_AWAY.id())
            .description(Meter.CALLS_TURNED_AWAY.description())
            .withRegistry(registry);
    this.holds =
        Timer.builder(Meter.CALLS_HELD.id())
            .description(Meter.CALLS_HELD.description())
            .withRegistry(registry);
  }

  /** Shows the taken slots of a lane; before any call. */
  void inFlight(Lane lane, Slots slots) {
    show(
        Gauge.builder(Meter.CALLS_IN_FLIGHT.id(), slots, Slots::taken)
            .description(Meter.CALLS_IN_FLIGHT.description())
            .tags(tags(Meter.CALLS_IN_FLIGHT, Topics.word(lane)))
            .register(registry));
  }

  private void show(io.micrometer.core.instrument.Meter meter) {
    synchronized (shown) {
      shown.add(meter);
    }
  }

  /** Shows the traffic of a model that has answered. */
  private void show(String provider, String model) {
    gauge(Meter.MODEL_LIMIT, Traffic::limit, provider, model);
    gauge(Meter.MODEL_IN_FLIGHT, Traffic::underWay, provider, model);
    for (Lane lane : Lane.values()) {
      gauge(
          Meter.MODEL_WAITING,
          now -> now.waiting().getOrDefault(lane, 0),
          provider,
          model,
          Topics.word(lane));
    }
    cuts(Traffic::refusals, provider, model, "refused");
    cuts(Traffic::slow, provider, model, "slow");
  }

  private void gauge(Meter meter, ToDoubleFunction<Traffic> figure, String... values) {
    show(
        Gauge.builder(meter.id(), () -> now(figure, values[0], values[1], Double.NaN))
            .description(meter.description())
            .tags(tags(meter, values))
            .register(registry));
  }

  private void cuts(ToDoubleFunction<Traffic> figure, String provider, String model, String cause) {
    show(
        FunctionCounter.builder(
                Meter.MODEL_CUTS.id(), traffic, _ -> now(figure, provider, model, 0))
            .description(Meter.MODEL_CUTS.description())
            .tags(tags(Meter.MODEL_CUTS, provider, model, cause))
            .register(registry));
  }

  private double now(
      ToDoubleFunction<Traffic> figure, String provider, String model, double unknown) {
    return traffic.model(provider, model).map(figure::applyAsDouble).orElse(unknown);
  }

  void ended(Attempt attempt, Result result, Duration took) {
    String outcome =
        switch (result) {
          case Result.Answered answered -> {
            answers(attempt);
            yield "answered";
          }
          case Result.Failed failed -> failed.reason().code();
        };
    String provider = attempt.getProvider();
    String model = model(attempt);
    attempts.withTags(tags(Meter.ATTEMPTS, provider, model, outcome)).increment();
    durations.withTags(tags(Meter.ATTEMPT_DURATION, provider, model)).record(took);
  }

  /** The first piece of a streamed answer was there. */
  void firstToken(Attempt attempt, Duration after) {
    answers(attempt);
    firstTokens
        .withTags(tags(Meter.FIRST_TOKEN, attempt.getProvider(), model(attempt)))
        .record(after);
  }

  /** It was not even called. */
  void turnedAway(Attempt attempt, Reason reason) {
    turnedAway
        .withTags(tags(Meter.CALLS_TURNED_AWAY, attempt.getProvider(), reason.code()))
        .increment();
  }

  /** A call waited until the provider would take it; most do not. */
  void held(Attempt attempt, Duration length) {
    if (length.compareTo(LEAST_HOLD) > 0) {
      holds.withTags(tags(Meter.CALLS_HELD, attempt.getProvider())).record(length);
    }
  }

  void deadLetter(String topic) {
    deadLetters.withTags(tags(Meter.DEAD_LETTERS, topic)).increment();
  }

  void unacknowledged(String topic, int records) {
    unacknowledged.withTags(tags(Meter.UNACKNOWLEDGED, topic)).increment(records);
  }

  /** The model as metrics name it: what has never answered may have been invented. */
  private String model(Attempt attempt) {
    String model = attempt.getModel();
    return models.contains(model) ? model : ANOTHER_MODEL;
  }

  /** It is there. Those that answer at the same moment may pass the bound by one each. */
  private void answers(Attempt attempt) {
    if (models.size() < MOST_MODELS) {
      models.add(attempt.getModel());
    }
    var pair = new Pair(attempt.getProvider(), attempt.getModel());
    if (pairs.size() < MOST_SHOWN && pairs.add(pair)) {
      show(pair.provider, pair.model);
    }
  }

  private record Pair(String provider, String model) {}

  private static Tags tags(Meter meter, String... values) {
    Tags tags = Tags.empty();
    for (int i = 0; i < values.length; i++) {
      tags = tags.and(meter.tags().get(i), values[i]);
    }
    return tags;
  }

  /** Takes down what a later worker in the same process would have to show anew. */
  @Override
  public void close() {
    synchronized (shown) {
      shown.forEach(registry::remove);
    }
  }
}
