package io.penstock.workers;

import static io.penstock.workers.Plant.aDispatch;
import static io.penstock.workers.Plant.answer;
import static io.penstock.workers.Plant.refusal;
import static io.penstock.workers.Plant.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.policies.Reason;
import io.penstock.policies.calling.Timing;
import io.penstock.policies.calling.Walking;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Meter;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Usage;
import io.penstock.workers.provider.ProviderSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import mockwebserver3.RecordedRequest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OneSite.class)
class WorkersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Plant.Site site;

  WorkersTest(Plant.Site site) {
    this.site = site;
  }

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(PATIENCE);
  }

  @Test
  void aPlainCallCostsTwoRecords() {
    try (var plant = Plant.on(site, (request, self) -> answer("Forty-two."))) {
      plant.worker(settings("w", 4));
      Dispatch dispatch = plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 1);

      var events = plant.events();
      assertThat(events).hasSize(2);
      var started = (AttemptStarted) events.get(0);
      var ended = (AttemptEnded) events.get(1);
      assertThat(started.getLeaseMs()).isEqualTo(Timing.DEFAULT.lease(Lane.EXPRESS).toMillis());
      assertThat(ended.getAttempt()).isEqualTo(started.getAttempt());
      assertThat(ended.getOutcome()).isEqualTo(new Answer("Forty-two.", "stop"));
      assertThat(ended.getBilledModel()).isEqualTo("model-1-2026");
      assertThat(ended.getUsage()).isEqualTo(new Usage(3L, 0L, 0L, 0L, 4L, 0L));
      assertThat(ended.getRetryAfterMs()).isNull();
      assertThat(plant.records(plant.topics().results()))
          .allSatisfy(r -> assertThat(text(r.key())).isEqualTo(dispatch.getFingerprint()));
    }
  }

  @Test
  void anAttemptSaysAllThatItsCostNeeds() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("w-7", 4));
      Dispatch dispatch = plant.send(aDispatch());
      await().until(() -> plant.started().count() == 1);

      var attempt = plant.started().findFirst().orElseThrow().getAttempt();
      var request = dispatch.getRequests().getFirst();
      assertThat(attempt.getId()).hasSize(36);
      assertThat(attempt.getDispatchId()).isEqualTo(dispatch.getId());
      assertThat(attempt.getNumber()).isEqualTo(1);
      assertThat(attempt.getWorker()).isEqualTo("w-7");
      assertThat(attempt.getProvider()).isEqualTo(Plant.PROVIDER);
      assertThat(attempt.getModel()).isEqualTo(Plant.MODEL);
      assertThat(attempt.getRequestedModel()).isEqualTo("auto");
      assertThat(attempt.getRequestId()).isEqualTo(request.getId());
      assertThat(attempt.getTenant()).isEqualTo("tenant-1");
      assertThat(attempt.getLane()).isEqualTo(Lane.EXPRESS);
      assertThat(attempt.getEstimatedInput()).isPositive();
      assertThat(attempt.getMaxTokens()).isEqualTo(50);
      assertThat(attempt.getMetadata()).isEqualTo(Map.of("team", "a"));
      assertThat(Duration.between(attempt.getStartedAt(), Instant.now()))
          .isBetween(Duration.ZERO, PATIENCE);
    }
  }

  @Test
  void theStartIsOnTheLogBeforeTheProviderIsAsked() {
    var seen = new AtomicReference<List<Object>>(List.of());
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              seen.set(self.events());
              return answer("Hi");
            })) {
      plant.worker(settings("w", 4));
      plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 1);
      assertThat(seen.get()).singleElement().isInstanceOf(AttemptStarted.class);
    }
  }

  @Test
  void hundredsOfSlowCallsAreInFlightInOneWorker() {
    int calls = 300;
    var arrived = new CountDownLatch(calls);
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              arrived.countDown();
              return self.held();
            })) {
      plant.worker(settings("w", calls + 20));
      Stream.generate(Plant::aDispatch).limit(calls).forEach(plant::send);
      await().until(() -> arrived.getCount() == 0);
      assertThat(
              plant.meters().get(Meter.CALLS_IN_FLIGHT.id()).tag("lane", "express").gauge().value())
          .isEqualTo(calls);
      plant.release();
      await().until(() -> plant.ended().count() == calls);
      assertThat(plant.ended()).allMatch(ended -> ended.getOutcome() instanceof Answer);
      assertThat(plant.provider().getRequestCount()).isEqualTo(calls);
    }
  }

  @Test
  void aWorkerWithoutFreeSlotsLeavesTheRestToOthers() {
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      plant.worker(settings("full", 2));
      Stream.generate(Plant::aDispatch).limit(6).forEach(plant::send);
      await().until(() -> plant.started().count() == 2);
      await().during(Duration.ofMillis(500)).until(() -> plant.started().count() == 2);

      plant.worker(settings("free", 8));
      await().until(() -> plant.started().count() == 6);
      assertThat(plant.started().map(s -> s.getAttempt().getWorker()))
          .containsExactlyInAnyOrder("full", "full", "free", "free", "free", "free");
      plant.release();
    }
  }

  @Test
  void anEndedCallMakesRoomForTheNext() {
    var inside = new AtomicInteger();
    var most = new AtomicInteger();
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              inside.decrementAndGet();
              return answer("Hi");
            })) {
      plant.worker(settings("w", 1));
      Stream.generate(Plant::aDispatch).limit(10).forEach(plant::send);
      await().until(() -> plant.ended().count() == 10);
      assertThat(most).hasValue(1);
    }
  }

  @Test
  void nothingIsCalledAfterTheDeadline() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("w", 4));
      var late =
          plant.send(
              aDispatch(Instant.now().minusMillis(1), new Candidate(Plant.PROVIDER, Plant.MODEL)));
      await().until(() -> !plant.events().isEmpty());
      assertThat(plant.events())
          .singleElement()
          .isInstanceOfSatisfying(
              DispatchDropped.class,
              dropped -> {
                assertThat(dropped.getDispatchId()).isEqualTo(late.getId());
                assertThat(dropped.getFailure().getCode())
                    .isEqualTo(Reason.DEADLINE_EXCEEDED.code());
              });
      assertThat(plant.provider().getRequestCount()).isZero();
    }
  }

  @Test
  void aCallIsGivenUpWhenItsDeadlineAndGraceHavePassed() {
    var timing =
        new Timing(
            Duration.ZERO,
            Duration.ofMinutes(1),
            Timing.DEFAULT.startPatience(),
            Timing.DEFAULT.leases());
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      plant.worker(new WorkerSettings("w", 4, Set.of(Lane.EXPRESS), Walking.DEFAULT, timing));
      plant.send(aDispatch()); // Another one shows that the worker is there.
      await().until(() -> plant.started().count() == 1);
      plant.send(
          aDispatch(Instant.now().plusMillis(700), new Candidate(Plant.PROVIDER, Plant.MODEL)));
      await().until(() -> plant.ended().count() == 1);
      assertThat(plant.ended())
          .singleElement()
          .satisfies(ended -> {
            assertThat(failure(ended).getCode()).isEqualTo(Reason.PROVIDER_TIMEOUT.code());
            assertThat(ended.getRetryAfterMs()).isNull();
          });
    }
  }

  @Test
  void aRecordThatNobodyCanReadIsPutAsideAndTheNextOneIsWorkedOn() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("w", 4));
      String work = plant.topics().work(Lane.EXPRESS).name();
      plant.send(work, bytes("a key"), bytes("no dispatch"));
      plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 1);
      await().until(() -> plant.deadLetters().size() == 1);

      var letter = plant.deadLetters().getFirst();
      assertThat(text(letter.key())).isEqualTo("a key");
      assertThat(text(letter.value())).isEqualTo("no dispatch");
      assertThat(text(letter.headers().lastHeader("penstock-topic").value())).isEqualTo(work);
      assertThat(text(letter.headers().lastHeader("penstock-partition").value())).matches("[01]");
      assertThat(text(letter.headers().lastHeader("penstock-offset").value())).matches("[0-9]+");
      assertThat(text(letter.headers().lastHeader("penstock-reason").value()))
          .contains("Confluent wire format");
      assertThat(plant.meters().get(Meter.DEAD_LETTERS.id()).tag("topic", work).counter().count())
          .isEqualTo(1);
    }
  }

  @Test
  void aLongCallKeepsItsLease() {
    var leases =
        Map.of(
            Lane.EXPRESS, Duration.ofMillis(300),
            Lane.STANDARD, Duration.ofMillis(300),
            Lane.BATCH, Duration.ofMillis(300));
    var timing =
        new Timing(
            Timing.DEFAULT.lateGrace(),
            Timing.DEFAULT.longestCall(),
            Timing.DEFAULT.startPatience(),
            leases);
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      plant.worker(new WorkerSettings("w", 4, Set.of(Lane.EXPRESS), Walking.DEFAULT, timing));
      plant.send(aDispatch());
      await().until(() -> plant.events().size() >= 4);
      plant.release();
      await().until(() -> plant.ended().count() == 1);

      var attempt = plant.started().findFirst().orElseThrow().getAttempt();
      var expected = new AttemptRenewed(attempt.getId(), attempt.getDispatchId(), 300L);
      var events = plant.events();
      assertThat(events.subList(1, events.size() - 1)).hasSizeGreaterThan(1).containsOnly(expected);
      assertThat(events.getLast()).isInstanceOf(AttemptEnded.class);
    }
  }

  @Test
  void aFailureThatMayPassIsTriedAgainAfterTheProvidersWait() {
    var calls = new AtomicInteger();
    try (var plant =
        Plant.on(
            site,
            (request, self) ->
                calls.incrementAndGet() == 1
                    ? refusal(429).addHeader("retry-after-ms", "120").build()
                    : answer("Hi"))) {
      plant.worker(settings("w", 4));
      plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 2);

      assertThat(plant.events().stream().map(Object::getClass))
          .isEqualTo(
              List.of(
                  AttemptStarted.class,
                  AttemptEnded.class,
                  AttemptStarted.class,
                  AttemptEnded.class));
      var ends = plant.ended().toList();
      assertThat(failure(ends.get(0)).getCode()).isEqualTo(Reason.RATE_LIMITED.code());
      assertThat(ends.get(0).getRetryAfterMs()).isEqualTo(120);
      assertThat(ends.get(1).getOutcome()).isEqualTo(new Answer("Hi", "stop"));
      assertThat(ends.get(1).getAttempt().getNumber()).isEqualTo(2);
      assertThat(ends.get(1).getAttempt().getId()).isNotEqualTo(ends.get(0).getAttempt().getId());
      assertThat(
              Duration.between(ends.get(0).getEndedAt(), ends.get(1).getAttempt().getStartedAt()))
          .isGreaterThanOrEqualTo(Duration.ofMillis(119));
    }
  }

  @Test
  void aCandidateThatCannotAnswerIsFollowedByTheNext() {
    try (var plant =
        Plant.on(
            site,
            (request, self) ->
                text(request).contains("\"gone\"") ? refusal(404).build() : answer("Hi"))) {
      plant.worker(settings("w", 4));
      plant.send(
          aDispatch(
              Instant.now().plusSeconds(60),
              new Candidate("nobody", "unknown"),
              new Candidate(Plant.PROVIDER, "gone"),
              new Candidate(Plant.PROVIDER, Plant.MODEL)));
      await().until(() -> plant.ended().count() == 2);
      var ends = plant.ended().toList();
      assertThat(failure(ends.get(0)).getCode()).isEqualTo(Reason.MODEL_NOT_FOUND.code());
      assertThat(ends.get(0).getRetryAfterMs()).isZero();
      assertThat(ends.get(1).getAttempt().getModel()).isEqualTo(Plant.MODEL);
      assertThat(ends.get(1).getOutcome()).isEqualTo(new Answer("Hi", "stop"));
    }
  }

  @Test
  void aFailureThatWillNotPassEndsTheDispatch() {
    try (var plant = Plant.on(site, (request, self) -> refusal(400).build())) {
      plant.worker(settings("w", 4));
      plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 1);
      assertThat(plant.ended())
          .singleElement()
          .satisfies(ended -> {
            assertThat(failure(ended).getCode()).isEqualTo(Reason.PROVIDER_REJECTED.code());
            assertThat(ended.getRetryAfterMs()).isNull();
          });
      assertThat(plant.provider().getRequestCount()).isEqualTo(1);
      assertThat(
              plant
                  .meters()
                  .get(Meter.ATTEMPTS.id())
                  .tag("outcome", "provider_rejected")
                  .counter()
                  .count())
          .isEqualTo(1);
    }
  }

  @Test
  void aPlanOfUnknownProvidersIsDropped() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("w", 4));
      plant.send(aDispatch(Instant.now().plusSeconds(60), new Candidate("nobody", "m")));
      await().until(() -> !plant.events().isEmpty());
      assertThat(plant.events())
          .singleElement()
          .isInstanceOfSatisfying(
              DispatchDropped.class,
              dropped ->
                  assertThat(dropped.getFailure())
                      .isEqualTo(
                          Reason.MODEL_NOT_FOUND.because(
                              "no worker that saw the dispatch knows a provider of its plan:"
                                  + " configure nobody")));
    }
  }

  @Test
  void closingIsQuickAndLetsAHungCallGo() {
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      var worker = plant.worker(settings("w", 4));
      plant.send(aDispatch());
      await().until(() -> plant.provider().getRequestCount() == 1);
      long begun = System.nanoTime();
      worker.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
      assertThat(plant.ended()).isEmpty();
      assertThat(plant.meters().find(Meter.CALLS_IN_FLIGHT.id()).gauge()).isNull();
    }
  }

  @Test
  void closingIsQuickWhileTheBrokerIsAway() throws IOException {
    int unused;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    var worker =
        Workers.start(
            WorkerSettings.named("w"),
            KafkaConnection.to("127.0.0.1:" + unused),
            site.topics(),
            List.of(ProviderSettings.openAi(Plant.PROVIDER, "http://127.0.0.1:" + unused, null)),
            new SimpleMeterRegistry());
    long begun = System.nanoTime();
    worker.close();
    worker.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void closingLetsARunningCallEnd() {
    var arrived = new CountDownLatch(1);
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              arrived.countDown();
              return answer("Hi").newBuilder().headersDelay(500, TimeUnit.MILLISECONDS).build();
            })) {
      var worker = plant.worker(settings("w", 4));
      plant.send(aDispatch());
      await().until(() -> arrived.getCount() == 0);
      worker.close();
      assertThat(plant.ended())
          .singleElement()
          .satisfies(e -> assertThat(e.getOutcome()).isInstanceOf(Answer.class));
    }
  }

  private static Failure failure(AttemptEnded ended) {
    assertThat(ended.getOutcome()).isInstanceOf(Failure.class);
    return (Failure) ended.getOutcome();
  }

  private static String text(RecordedRequest request) {
    var body = request.getBody();
    return body == null ? "" : body.string(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
