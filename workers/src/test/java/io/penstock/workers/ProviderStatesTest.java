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
import io.penstock.schemas.avro.ProviderState;
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
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a worker tells of its providers, and what becomes of calls that are turned away. */
@ExtendWith(OneSite.class)
class ProviderStatesTest {
  private static final int FAILURES = BreakerRules.DEFAULT.leastCalls();
  private static final int TRIPS = BreakerRules.DEFAULT.trips();

  private final Plant.Site site;

  ProviderStatesTest(Plant.Site site) {
    this.site = site;
  }

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
  }

  @Test
  void whatBecomesOfAProviderIsToldInOrder() {
    try (var plant =
        Plant.on(
            site, (request, self) -> quota(request) ? quotaExhausted() : limited(answer("Hi")))) {
      var worker = plant.worker(settings("teller", 4));
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

      worker.close();
      assertThat(keys(plant, "teller/fake/model-1").toList().getLast()).isNull();
      assertThat(keys(plant, "teller/fake/quota").toList().getLast()).isNull();
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
  void aCallWaitsUntilAFailingProviderIsTriedAgainUnlessItsDeadlineComesFirst() {
    var asked = new AtomicInteger();
    try (var plant =
        Plant.on(
            site,
            (request, self) ->
                asked.incrementAndGet() <= FAILURES
                    ? refusal(500).addHeader("x-should-retry", "false").build()
                    : answer("Hi"))) {
      plant.worker(settings("waiter", 16));
      for (int i = 0; i < FAILURES; i++) {
        plant.send(aDispatch());
      }
      await().until(() -> plant.ended().count() == FAILURES);
      var hurried =
          plant.send(
              aDispatch(Instant.now().plusSeconds(5), new Candidate(Plant.PROVIDER, Plant.MODEL)));
      var patient = plant.send(aDispatch());
      await().until(() -> endedOf(plant, hurried.getId()).findAny().isPresent());
      assertThat(endedOf(plant, hurried.getId()))
          .singleElement()
          .satisfies(ended -> {
            assertThat(Plant.failure(ended).getCode()).isEqualTo(Reason.PROVIDER_SUSPENDED.code());
            assertThat(ended.getRetryAfterMs()).as("it is not tried again").isNull();
          });
      assertThat(asked).hasValue(FAILURES);
      await().until(() -> endedOf(plant, patient.getId()).anyMatch(ProviderStatesTest::answered));
      assertThat(asked).hasValue(FAILURES + 1);
    }
  }

  @Test
  void aCallIsHeldWhileTheProviderTakesNoMore() {
    var asked = new AtomicInteger();
    try (var plant =
        Plant.on(
            site,
            (request, self) ->
                asked.incrementAndGet() == 1
                    ? answer("Hi")
                        .newBuilder()
                        .addHeader("x-ratelimit-remaining-requests", "0")
                        .addHeader("x-ratelimit-reset-requests", "1s")
                        .build()
                    : answer("Hi"))) {
      plant.worker(settings("holder", 4));
      plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 1);
      plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 2);
      assertThat(plant.ended()).as("no attempt was refused").allMatch(e -> answered(e));
      var ends = plant.ended().map(AttemptEnded::getEndedAt).sorted().toList();
      assertThat(Duration.between(ends.get(0), ends.get(1))).isGreaterThan(Duration.ofMillis(500));
      assertThat(plant.meters().get(Meter.CALLS_HELD.id()).timer().count()).isEqualTo(1);
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
        var states =
            new ProviderStates(
                providers,
                site.topics().providers(),
                refusing,
                "w",
                Announcing.DEFAULT,
                InstantSource.system())) {
      states.start();
      for (int i = 0; i < FAILURES; i++) {
        var _ = providers.clearance(new Candidate("p", "m"), 1, Duration.ofSeconds(1), new Line());
      }
      refusing.sendException = null;
      var _ = providers.clearance(new Candidate("p", "n"), 1, Duration.ofSeconds(1), new Line());
      await()
          .until(() ->
              refusing.history().stream()
                  .anyMatch(record -> Plant.text(record.key()).equals("w/p/n")));
    }
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
