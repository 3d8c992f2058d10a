package io.penstock.workers;

import static io.penstock.workers.Plant.aDispatch;
import static io.penstock.workers.Plant.answer;
import static io.penstock.workers.Plant.failure;
import static io.penstock.workers.Plant.refusal;
import static io.penstock.workers.Plant.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Timing;
import io.penstock.policies.calling.Walking;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Meter;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.Lane;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which calls follow a call, and when there is none. */
@ExtendWith(OneSite.class)
class TryingAgainTest {
  private final Plant.Site site;

  TryingAgainTest(Plant.Site site) {
    this.site = site;
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
    List<String> asked = new CopyOnWriteArrayList<>();
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              asked.add(body(request));
              return self.held();
            })) {
      plant.worker(new WorkerSettings("w", 4, Set.of(Lane.EXPRESS), Walking.DEFAULT, timing));
      plant.send(aDispatch()); // Another one shows that the worker is there.
      await().until(() -> asked.size() == 1);
      // On a slow machine the provider may not be asked before so early a deadline.
      for (var given = Duration.ofMillis(700); ; given = given.multipliedBy(2)) {
        assertThat(given).as("the provider was never asked").isLessThan(OneSite.SOON);
        var dispatch =
            plant.send(
                aDispatch(Instant.now().plus(given), new Candidate(Plant.PROVIDER, Plant.MODEL)));
        await().until(() -> over(plant, dispatch));
        if (asked.stream().anyMatch(question -> question.contains(named(dispatch)))) {
          assertThat(plant.ended().filter(ended -> of(ended, dispatch)))
              .singleElement()
              .satisfies(ended -> {
                assertThat(failure(ended).getCode()).isEqualTo(Reason.PROVIDER_TIMEOUT.code());
                assertThat(ended.getRetryAfterMs()).isNull();
              });
          return;
        }
      }
    }
  }

  /** Whether nothing more becomes of a dispatch. */
  private static boolean over(Plant plant, Dispatch dispatch) {
    return plant.events().stream()
        .anyMatch(event ->
            (event instanceof AttemptEnded ended && of(ended, dispatch))
                || (event instanceof DispatchDropped dropped
                    && dropped.getDispatchId().equals(dispatch.getId())));
  }

  private static boolean of(AttemptEnded ended, Dispatch dispatch) {
    return ended.getAttempt().getDispatchId().equals(dispatch.getId());
  }

  /** What its question and nobody else's contains. */
  private static String named(Dispatch dispatch) {
    return dispatch.getRequests().getFirst().getMessages().getFirst().getContent();
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
      assertThat(ends.get(0).getRetryAfterMs())
          .as("the wait it asked for, and a little more so that not all come back together")
          .isBetween(120L, 370L);
      assertThat(ends.get(1).getOutcome()).isEqualTo(Answers.text("Hi", "stop"));
      assertThat(ends.get(1).getAttempt().getNumber()).isEqualTo(2);
      assertThat(ends.get(1).getAttempt().getId()).isNotEqualTo(ends.get(0).getAttempt().getId());
      assertThat(
              Duration.between(ends.get(0).getEndedAt(), ends.get(1).getAttempt().getStartedAt()))
          .isGreaterThanOrEqualTo(Duration.ofMillis(119));
    }
  }

  @Test
  void whereABudgetMustHoldNothingIsCalledAfterACallThatMayHaveCostMoney() {
    var calls = new AtomicInteger();
    try (var plant =
        Plant.on(
            site,
            (request, self) ->
                calls.incrementAndGet() == 1
                    ? refusal(429).addHeader("retry-after-ms", "10").build()
                    : new MockResponse.Builder().body("{}").build())) {
      plant.worker(settings("w", 4));
      plant.send(Dispatch.newBuilder(aDispatch()).setBounded(true).build());
      await().until(() -> plant.ended().count() == 2);

      var ends = plant.ended().toList();
      assertThat(ends.get(0).getRetryAfterMs()).as("a refusal costs nothing").isNotNull();
      assertThat(failure(ends.get(1)).getCode()).isEqualTo(Reason.ANSWER_GARBLED.code());
      assertThat(ends.get(1).getRetryAfterMs()).as("what may have cost is the last").isNull();
      assertThat(plant.provider().getRequestCount()).isEqualTo(2);
    }
  }

  @Test
  void aCandidateThatCannotAnswerIsFollowedByTheNext() {
    try (var plant =
        Plant.on(
            site,
            (request, self) ->
                body(request).contains("\"gone\"") ? refusal(404).build() : answer("Hi"))) {
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
      assertThat(ends.get(1).getOutcome()).isEqualTo(Answers.text("Hi", "stop"));
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

  private static String body(RecordedRequest request) {
    var body = request.getBody();
    return body == null ? "" : body.string(StandardCharsets.UTF_8);
  }
}
