package io.penstock.workers;

import static io.penstock.workers.Plant.aDispatch;
import static io.penstock.workers.Plant.answer;
import static io.penstock.workers.Plant.settings;
import static io.penstock.workers.Plant.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.policies.calling.Timing;
import io.penstock.policies.calling.Walking;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Meter;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a worker writes about its attempts. */
@ExtendWith(OneSite.class)
class AttemptEventsTest {
  private final Plant.Site site;

  AttemptEventsTest(Plant.Site site) {
    this.site = site;
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
      assertThat(started.getLeaseMs()).isEqualTo(Plant.TIMING.lease(Lane.EXPRESS).toMillis());
      assertThat(ended.getAttempt()).isEqualTo(started.getAttempt());
      assertThat(ended.getOutcome()).isEqualTo(Answers.text("Forty-two.", "stop"));
      assertThat(ended.getBilledModel()).isEqualTo("model-1-2026");
      assertThat(ended.getUsage()).isEqualTo(new Usage(3L, 0L, 0L, 0L, 4L, 0L, 0L, 0L, 0L, 0L));
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
          .isBetween(Duration.ZERO, OneSite.SOON);
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
  void aLongCallKeepsItsLease() {
    var timing =
        new Timing(
            Timing.DEFAULT.lateGrace(),
            Timing.DEFAULT.longestCall(),
            Timing.DEFAULT.startPatience(),
            Plant.leases(Duration.ofMillis(300)));
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
      assertThat(text(letter.headers().lastHeader("penstock-partition").value())).isEqualTo("0");
      assertThat(text(letter.headers().lastHeader("penstock-offset").value())).matches("[0-9]+");
      assertThat(text(letter.headers().lastHeader("penstock-reason").value()))
          .contains("Confluent wire format");
      assertThat(plant.meters().get(Meter.DEAD_LETTERS.id()).tag("topic", work).counter().count())
          .isEqualTo(1);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
