package io.penstock.workers;

import static io.penstock.workers.Plant.aDispatch;
import static io.penstock.workers.Plant.answer;
import static io.penstock.workers.Plant.refusal;
import static io.penstock.workers.Plant.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Announcing;
import io.penstock.policies.calling.BreakerRules;
import io.penstock.schemas.Meter;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.Breaker;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ProviderState;
import io.penstock.workers.provider.Caller;
import io.penstock.workers.provider.Line;
import io.penstock.workers.provider.ProviderSettings;
import io.penstock.workers.provider.Providers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a worker tells of its providers, and what becomes of calls that are turned away. */
@ExtendWith(OneSite.class)
class ProviderStatesTest {
  private static final int FAILURES = BreakerRules.DEFAULT.leastCalls();
  private static final int TRIPS = BreakerRules.DEFAULT.trips();

  private static final Caller CALLER = new Caller(Lane.STANDARD, "tenant-1", 1);

  private final Plant.Site site;

  ProviderStatesTest(Plant.Site site) {
    this.site = site;
  }

  @Test
  void whatBecomesOfAProviderIsToldInOrder() {
    try (var plant =
        Plant.on(
            site, (request, self) -> quota(request) ? quotaExhausted() : limited(answer("Hi")))) {
      plant.worker(settings("teller", 4));
      plant.send(aDispatch());
      await().until(() -> states(plant, "teller/fake/model-1").findAny().isPresent());
      assertThat(states(plant, "teller/fake/model-1").toList().getFirst())
          .satisfies(state -> {
            assertThat(state.getBreaker()).isEqualTo(Breaker.CLOSED);
            assertThat(state.getWorker()).isEqualTo("teller");
          });
      await()
          .until(() ->
              states(plant, "teller/fake/model-1")
                  .anyMatch(state -> Long.valueOf(41).equals(state.getRemainingRequests())));

      for (int i = 0; i < TRIPS; i++) {
        plant.send(aDispatch(inAMinute(), new Candidate(Plant.PROVIDER, "quota")));
      }
      await()
          .until(() ->
              states(plant, "teller/fake/quota").anyMatch(s -> s.getBreaker() == Breaker.OPEN));
      assertThat(states(plant, "teller/fake/quota").toList().getLast())
          .satisfies(state -> {
            assertThat(state.getReason()).isEqualTo(Reason.QUOTA_EXHAUSTED.code());
            assertThat(state.getOpenUntil()).isAfter(state.getAt());
          });
    }
  }

  @Test
  void whereACandidateIsLeftAloneTheNextIsCalled() {
    var asked = new AtomicInteger();
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              if (quota(request)) {
                asked.incrementAndGet();
                return quotaExhausted();
              }
              return answer("Hi");
            })) {
      plant.worker(settings("walker", 4));
      var plan =
          new Candidate[] {
            new Candidate(Plant.PROVIDER, "quota"), new Candidate(Plant.PROVIDER, Plant.MODEL)
          };
      for (int i = 1; i <= TRIPS + 1; i++) {
        long ended = 2L * i;
        plant.send(aDispatch(inAMinute(), plan));
        await().until(() -> plant.ended().count() == ended);
      }
      assertThat(asked).hasValue(TRIPS);
      assertThat(plant.ended().filter(ProviderStatesTest::answered)).hasSize(TRIPS + 1);
      assertThat(
              plant
                  .meters()
                  .get(Meter.CALLS_TURNED_AWAY.id())
                  .tag("provider", Plant.PROVIDER)
                  .tag("reason", Reason.QUOTA_EXHAUSTED.code())
                  .counter()
                  .count())
          .isEqualTo(1);
    }
  }

  @Test
  void aCallWhoseDeadlineComesBeforeAFailingProviderIsTriedAgainIsNotMade() {
    var asked = new AtomicInteger();
    try (var plant = Plant.on(site, (request, self) -> failing(asked))) {
      openBreaker(plant, Duration.ofSeconds(90));
      var hurried = plant.send(aDispatch());
      await().until(() -> endedOf(plant, hurried.getId()).findAny().isPresent());
      assertThat(endedOf(plant, hurried.getId()))
          .singleElement()
          .satisfies(ended -> {
            assertThat(Plant.failure(ended).getCode()).isEqualTo(Reason.PROVIDER_SUSPENDED.code());
            assertThat(ended.getRetryAfterMs()).as("it is not tried again").isNull();
          });
      assertThat(asked).hasValue(FAILURES);
    }
  }

  @Test
  void aCallWaitsUntilAFailingProviderIsTriedAgain() {
    // On a slow machine the provider may be tried again before the call comes.
    for (var open = Duration.ofSeconds(1); ; open = open.multipliedBy(3)) {
      assertThat(open).as("it never found the provider left alone").isLessThan(OneSite.SOON);
      if (waitsUntilTriedAgain(open)) {
        return;
      }
    }
  }

  /** Whether a call had to wait before it was made. */
  private boolean waitsUntilTriedAgain(Duration open) {
    var asked = new AtomicInteger();
    try (var plant = Plant.on(site, (request, self) -> failing(asked))) {
      openBreaker(plant, open);
      var patient = plant.send(aDispatch());
      await().until(() -> endedOf(plant, patient.getId()).anyMatch(ProviderStatesTest::answered));
      assertThat(asked).hasValue(FAILURES + 1);
      var first = endedOf(plant, patient.getId()).toList().getFirst();
      if (answered(first)) {
        return false;
      }
      assertThat(Plant.failure(first).getCode()).isEqualTo(Reason.PROVIDER_SUSPENDED.code());
      assertThat(first.getRetryAfterMs()).as("the wait").isPositive();
      return true;
    }
  }

  private static MockResponse failing(AtomicInteger asked) {
    return asked.incrementAndGet() <= FAILURES
        ? refusal(500).addHeader("x-should-retry", "false").build()
        : answer("Hi");
  }

  /** Starts a worker whose only model fails so often that it is left alone for a while. */
  private static void openBreaker(Plant plant, Duration open) {
    BreakerRules usual = BreakerRules.DEFAULT;
    WorkerSettings settings = settings("waiter", 16);
    plant.worker(
        new WorkerSettings(
            settings.worker(),
            settings.slotsPerLane(),
            settings.lanes(),
            settings.walking(),
            settings.timing(),
            new BreakerRules(
                usual.calls(),
                usual.leastCalls(),
                usual.failuresPercent(),
                open,
                usual.trials(),
                usual.trips(),
                usual.trippedOpen(),
                usual.trialPause(),
                usual.patience()),
            settings.limits()));
    for (int i = 0; i < FAILURES; i++) {
      plant.send(aDispatch());
    }
    await().until(() -> plant.ended().count() == FAILURES);
  }

  @Test
  void aCallIsHeldWhileTheProviderTakesNoMore() {
    var asked = new AtomicInteger();
    var reset = new AtomicInteger(1);
    try (var plant =
        Plant.on(
            site,
            (request, self) ->
                asked.incrementAndGet() % 2 == 1
                    ? answer("Hi")
                        .newBuilder()
                        .addHeader("x-ratelimit-remaining-requests", "0")
                        .addHeader("x-ratelimit-reset-requests", reset.get() + "s")
                        .build()
                    : answer("Hi"))) {
      plant.worker(settings("holder", 4));
      // On a slow machine the second call may come when the provider takes more.
      while (plant.meters().find(Meter.CALLS_HELD.id()).timer() == null) {
        assertThat(reset.get()).as("no call came in time to be held").isLessThan(60);
        var first = plant.send(aDispatch());
        await().until(() -> endedOf(plant, first.getId()).findAny().isPresent());
        var second = plant.send(aDispatch());
        await().until(() -> endedOf(plant, second.getId()).findAny().isPresent());
        assertThat(plant.ended()).as("no attempt was refused").allMatch(e -> answered(e));
        var asking = endedOf(plant, first.getId()).toList().getFirst().getAttempt().getStartedAt();
        var end = endedOf(plant, second.getId()).toList().getFirst().getEndedAt();
        assertThat(Duration.between(asking, end))
            .isGreaterThan(Duration.ofSeconds(reset.get()).minusMillis(10));
        reset.updateAndGet(before -> 2 * before);
      }
      assertThat(plant.meters().get(Meter.CALLS_HELD.id()).timer().count()).isEqualTo(1);
    }
  }

  @Test
  void aWorkerThatEndsTakesBackWhatItTold() {
    var settings = ProviderSettings.openAi("p", "http://127.0.0.1:1/v1", null);
    var producer =
        new MockProducer<byte[], byte[]>(
            true, null, new ByteArraySerializer(), new ByteArraySerializer());
    try (var providers = new Providers(List.of(settings), InstantSource.system());
        var states = states(providers, producer)) {
      states.start();
      for (String model : List.of("m", "n")) {
        var _ =
            providers.clearance(
                new Candidate("p", model), CALLER, Duration.ofSeconds(1), new Line());
      }
      await().until(() -> producer.history().size() == 2);
    }
    var last = producer.history().subList(2, producer.history().size());
    assertThat(last).allMatch(record -> record.value() == null);
    assertThat(last.stream().map(record -> Plant.text(record.key())))
        .containsExactlyInAnyOrder("w/p/m", "w/p/n");
  }

  @Test
  void whatIsTakenBackIsOnTheTopicWhenAWorkerHasEnded() {
    var settings = ProviderSettings.openAi("p", "http://127.0.0.1:1/v1", null);
    var kafka = site.broker().connection().producer("leaver", Duration.ZERO, OneSite.SOON);
    var bytes = new ByteArraySerializer();
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"));
        var providers = new Providers(List.of(settings), InstantSource.system())) {
      try (var states = states(providers, new KafkaProducer<>(kafka, bytes, bytes))) {
        states.start();
        var _ = providers.clearance(new Candidate("p", "left"), CALLER, OneSite.SOON, new Line());
        await().until(() -> keys(plant, "w/p/left").findAny().isPresent());
      }
      assertThat(keys(plant, "w/p/left").toList().getLast()).isNull();
    }
  }

  @Test
  void aBrokerThatTakesNothingHurtsNobody() {
    var settings = ProviderSettings.openAi("p", "http://127.0.0.1:1/v1", null);
    var refusing =
        new MockProducer<byte[], byte[]>(
            false, null, new ByteArraySerializer(), new ByteArraySerializer());
    refusing.sendException = new IllegalStateException("no broker");
    try (var providers = new Providers(List.of(settings), InstantSource.system());
        var states = states(providers, refusing)) {
      states.start();
      for (int i = 0; i < FAILURES; i++) {
        var _ =
            providers.clearance(new Candidate("p", "m"), CALLER, Duration.ofSeconds(1), new Line());
      }
      refusing.sendException = null;
      var _ =
          providers.clearance(new Candidate("p", "n"), CALLER, Duration.ofSeconds(1), new Line());
      await()
          .until(() ->
              refusing.history().stream()
                  .anyMatch(record -> Plant.text(record.key()).equals("w/p/n")));
    }
  }

  private ProviderStates states(Providers providers, Producer<byte[], byte[]> producer) {
    return new ProviderStates(
        providers,
        site.topics().providers(),
        producer,
        "w",
        Announcing.DEFAULT,
        InstantSource.system(),
        OneSite.SOON);
  }

  private static Instant inAMinute() {
    return Instant.now().plusSeconds(60);
  }

  private static boolean answered(AttemptEnded ended) {
    return !(ended.getOutcome() instanceof Failure);
  }

  private static Stream<AttemptEnded> endedOf(Plant plant, String dispatch) {
    return plant.ended().filter(ended -> ended.getAttempt().getDispatchId().equals(dispatch));
  }

  private static boolean quota(RecordedRequest request) {
    var body = request.getBody();
    return body != null && body.string(StandardCharsets.UTF_8).contains("\"quota\"");
  }

  private static MockResponse quotaExhausted() {
    return refusal(429).body("{\"error\":{\"code\":\"insufficient_quota\"}}").build();
  }

  private static MockResponse limited(MockResponse response) {
    return response
        .newBuilder()
        .addHeader("x-ratelimit-remaining-requests", "41")
        .addHeader("x-ratelimit-reset-requests", "6m0s")
        .build();
  }

  private static Stream<ProviderState> states(Plant plant, String key) {
    return keys(plant, key).filter(state -> state != null);
  }

  private static Stream<@Nullable ProviderState> keys(Plant plant, String key) {
    var topic = plant.topics().providers();
    return plant.records(topic).stream()
        .filter(record -> Plant.text(record.key()).equals(key))
        .map(record ->
            record.value() == null
                ? null
                : topic.values().deserializer().deserialize(record.topic(), record.value()));
  }
}
