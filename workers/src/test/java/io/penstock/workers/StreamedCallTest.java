package io.penstock.workers;

import static io.penstock.workers.Plant.aDispatch;
import static io.penstock.workers.Plant.answer;
import static io.penstock.workers.Plant.cutStream;
import static io.penstock.workers.Plant.failure;
import static io.penstock.workers.Plant.refusal;
import static io.penstock.workers.Plant.settings;
import static io.penstock.workers.Plant.stream;
import static io.penstock.workers.Plant.streamed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.policies.Reason;
import io.penstock.policies.stream.Assembly;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Meter;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptBegun;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.schemas.avro.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Answers that are handed on while they are given, and calls that nobody waits for any more. */
@ExtendWith(OneSite.class)
class StreamedCallTest {
  private final Plant.Site site;

  StreamedCallTest(Plant.Site site) {
    this.site = site;
  }

  @Test
  void anAnswerIsOnTheChunksTopicAsItIsInItsEnd() {
    try (var plant = Plant.on(site, (request, self) -> stream("Par", "is", "."))) {
      plant.worker(settings("w", 4));
      var dispatch = plant.send(streamed(aDispatch()));
      await().until(() -> plant.ended().count() == 1);

      var ended = plant.ended().findFirst().orElseThrow();
      assertThat(ended.getOutcome()).isEqualTo(Answers.text("Paris.", "stop"));
      assertThat(ended.getUsage()).isEqualTo(new Usage(3L, 0L, 0L, 0L, 4L, 0L, 0L, 0L, 0L, 0L));
      assertThat(ended.getBilledModel()).isEqualTo("model-1-2026");
      assertThat(ended.getFirstTokenAt())
          .isBetween(ended.getAttempt().getStartedAt(), ended.getEndedAt());

      await().until(() -> text(plant.chunks()).equals("Paris."));
      var chunks = plant.chunks();
      for (int i = 0; i < chunks.size(); i++) {
        assertThat(chunks.get(i).getSequence()).isEqualTo(i);
        assertThat(chunks.get(i).getAttemptId()).isEqualTo(ended.getAttempt().getId());
        assertThat(chunks.get(i).getRequestId())
            .isEqualTo(dispatch.getRequests().getFirst().getId());
        assertThat(chunks.get(i).getTenant()).isEqualTo("tenant-1");
      }
      assertThat(plant.records(plant.topics().chunks()))
          .allSatisfy(record -> assertThat(record.partition()).isEqualTo(1));
      assertThat(plant.meters().get(Meter.FIRST_TOKEN.id()).timer().count()).isEqualTo(1);
    }
  }

  @Test
  void whoWantsTheAnswerAsAWholeGetsNoChunks() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("w", 4));
      plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 1);
      assertThat(plant.chunks()).isEmpty();
      assertThat(plant.ended().findFirst().orElseThrow().getFirstTokenAt()).isNull();
    }
  }

  @Test
  void whoWarmsAPrefixSaysWhenItsAnswerBeginsAndNobodyGetsThePieces() {
    var asked = new AtomicReference<String>("");
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              asked.set(request.getBody().utf8());
              return stream("Par", "is.");
            })) {
      plant.worker(settings("w", 4));
      plant.send(Dispatch.newBuilder(aDispatch()).setWindow("the window").build());
      await().until(() -> plant.ended().count() == 1);

      var ended = plant.ended().findFirst().orElseThrow();
      assertThat(asked.get()).contains("\"stream\":true");
      assertThat(ended.getOutcome()).isEqualTo(Answers.text("Paris.", "stop"));
      Attempt attempt = ended.getAttempt();
      assertThat(plant.events())
          .contains(new AttemptBegun(attempt.getId(), attempt.getDispatchId(), "the window"));
      assertThat(plant.chunks()).isEmpty();
    }
  }

  @Test
  void beforeTheFirstPieceACallIsTriedAgain() {
    var calls = new AtomicInteger();
    try (var plant =
        Plant.on(
            site,
            (request, self) ->
                switch (calls.incrementAndGet()) {
                  case 1 -> refusal(429).addHeader("retry-after-ms", "20").build();
                  case 2 -> cutStream();
                  default -> stream("Hi");
                })) {
      plant.worker(settings("w", 4));
      plant.send(streamed(aDispatch()));
      await().until(() -> plant.ended().count() == 3);
      var ends = plant.ended().toList();
      assertThat(failure(ends.get(0)).getCode()).isEqualTo(Reason.RATE_LIMITED.code());
      assertThat(failure(ends.get(0)).getRetryAfterMs()).isEqualTo(20);
      assertThat(ends.get(1).getFirstTokenAt()).isNull();
      assertThat(ends.get(2).getOutcome()).isEqualTo(Answers.text("Hi", "stop"));
      await().until(() -> text(plant.chunks()).equals("Hi"));
    }
  }

  @Test
  void onceAPieceWasHandedOnTheFailureStands() {
    try (var plant = Plant.on(site, (request, self) -> cutStream("Paris is a"))) {
      plant.worker(settings("w", 4));
      plant.send(
          streamed(
              aDispatch(
                  Instant.now().plusSeconds(60),
                  new Candidate(Plant.PROVIDER, Plant.MODEL),
                  new Candidate(Plant.PROVIDER, "another"))));
      await().until(() -> plant.ended().count() == 1);
      var ended = plant.ended().findFirst().orElseThrow();
      assertThat(failure(ended).getCode()).isEqualTo(Reason.ANSWER_TRUNCATED.code());
      assertThat(ended.getRetryAfterMs()).as("nothing follows").isNull();
      assertThat(ended.getFirstTokenAt()).isNotNull();
      assertThat(ended.getUsage()).isNull();
      assertThat(ended.getCounted()).isNotNull().extracting(Usage::getOutput).isEqualTo(3L);
      assertThat(plant.provider().getRequestCount()).isEqualTo(1);
    }
  }

  @Test
  void aCallThatNobodyWaitsForIsBrokenOff() {
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      plant.worker(settings("w", 4));
      var dispatch = plant.send(aDispatch());
      await().until(() -> plant.provider().getRequestCount() == 1);
      withdrawn(plant, dispatch, () -> plant.ended().count() == 1);
      AttemptEnded ended = plant.ended().findFirst().orElseThrow();
      assertThat(failure(ended).getCode()).isEqualTo(Reason.WITHDRAWN.code());
      assertThat(ended.getRetryAfterMs()).isNull();
      assertThat(plant.provider().getRequestCount()).isEqualTo(1);
    }
  }

  @Test
  void betweenTwoAttemptsAWithdrawalEndsTheWait() {
    try (var plant =
        Plant.on(site, (request, self) -> refusal(429).addHeader("retry-after", "40").build())) {
      plant.worker(settings("w", 4));
      var dispatch = plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 1);
      withdrawn(
          plant,
          dispatch,
          () -> plant.meters().get(Meter.CALLS_IN_FLIGHT.id()).gauge().value() == 0);
      assertThat(plant.started().count()).isEqualTo(1);
    }
  }

  @Test
  void aWithdrawalMayOvertakeItsDispatch() {
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      plant.worker(settings("w", 4));
      var other = plant.send(aDispatch()); // Shows that the worker hears of withdrawals.
      await().until(() -> plant.provider().getRequestCount() == 1);
      withdrawn(plant, other, () -> plant.ended().count() == 1);
      var marker = plant.send(aDispatch());
      await().until(() -> plant.provider().getRequestCount() == 2);
      var dispatch = aDispatch();
      plant.cancel(dispatch);
      plant.cancel(marker); // Heard of later: they come in order.
      await().until(() -> plant.ended().count() == 2);
      plant.send(dispatch);
      await().until(() -> plant.events().stream().anyMatch(DispatchDropped.class::isInstance));
      assertThat(plant.events().stream().filter(DispatchDropped.class::isInstance))
          .singleElement()
          .isInstanceOfSatisfying(
              DispatchDropped.class,
              dropped -> {
                assertThat(dropped.getDispatchId()).isEqualTo(dispatch.getId());
                assertThat(dropped.getFailure().getCode()).isEqualTo(Reason.WITHDRAWN.code());
              });
      assertThat(plant.provider().getRequestCount()).isEqualTo(2);
    }
  }

  /** Says so until it is heard: the worker may still be on its way to the end of the topic. */
  private static void withdrawn(Plant plant, Dispatch dispatch, Callable<Boolean> heard) {
    await()
        .pollInterval(Duration.ofMillis(200))
        .until(() -> {
          plant.cancel(dispatch);
          return heard.call();
        });
  }

  private static String text(List<ResponseChunk> chunks) {
    var joined = new Assembly();
    chunks.forEach(chunk -> chunk.getDeltas().forEach(joined::add));
    return joined.answer(i -> Assembly.End.of("stop"), List.of()).getText();
  }
}
