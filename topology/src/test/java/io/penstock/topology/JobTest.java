package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.batch.JobRules;
import io.penstock.policies.batch.Jobs;
import io.penstock.policies.coalesce.Rules;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.JobItem;
import io.penstock.schemas.avro.JobLine;
import io.penstock.schemas.avro.JobOver;
import io.penstock.schemas.avro.JobRunning;
import io.penstock.schemas.avro.JobStep;
import io.penstock.schemas.avro.JobSubmitted;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batch requests on their way through a provider's batches. */
final class JobTest {
  private static final String MODEL = "gpt-5-mini";
  private static final Duration IDLE = Duration.ofSeconds(30);

  /** Longer than a flight waits for a worker that is about to try again. */
  private static final Duration GRACE = Duration.ofSeconds(6);

  private final TestingTopology topology =
      new TestingTopology(
          new Laws(
                  new Admission(
                      Admission.DEFAULT_DEADLINES,
                      new ModelDirectory(Map.of(MODEL, "openai"), MODEL),
                      1),
                  Freshness.DEFAULT,
                  new SingleFlight(Rules.DEFAULT),
                  new Costing(PriceCatalogue.bundled()))
              .batchingBy(JobRules.NONE.at(Set.of("openai"))));

  private final List<InferenceRequest> asked = new ArrayList<>();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void requestsThatHaveTimeAreHandedInTogetherWhenNobodyElseComes() {
    ask("a", "b", "c");
    assertThat(topology.dispatches(Lane.BATCH)).isEmpty();
    assertThat(topology.tasks()).isEmpty();
    topology.pass(IDLE);
    JobTask task = only(topology.tasks());
    assertThat(task.getStep()).isEqualTo(JobStep.SUBMIT);
    assertThat(task.getProvider()).isEqualTo("openai");
    assertThat(task.getLines()).hasSize(3).extracting(JobLine::getNumber).containsOnly(1);
  }

  @Test
  void whoHasNoTimeOrAnotherLaneIsCalledForAtOnce() {
    topology.ask(Lane.BATCH, asking("a").dueBy(topology.now().plusSeconds(600)).build());
    topology.ask(Lane.STANDARD, asking("b").build());
    topology.ask(Lane.EXPRESS, asking("c").build());
    assertThat(topology.dispatches(Lane.BATCH)).hasSize(1);
    assertThat(topology.dispatches(Lane.STANDARD)).hasSize(1);
    assertThat(topology.dispatches(Lane.EXPRESS)).hasSize(1);
  }

  @Test
  void answersOfABatchAreAnswersAtItsPrice() {
    ask("a", "b");
    JobTask task = sealed();
    for (JobLine line : task.getLines()) {
      AttemptEnded ended = end(line, start(task, line), true);
      assertThat(ended.getServiceTier()).isEqualTo("batch");
    }
    topology.reportJob(task, new JobOver("completed", 2, 0, 0));
    assertThat(topology.responses())
        .hasSize(2)
        .extracting(InferenceResponse::getStatus)
        .containsOnly(Status.ANSWERED);
    // Half of 0.25 and 2 dollars for a million tokens, of 10 and 20.
    assertThat(topology.costs())
        .hasSize(2)
        .extracting(CostEvent::getSpentPicoUsd)
        .containsOnly(10 * 125_000L + 20 * 1_000_000L);
    topology.pass(GRACE);
    assertThat(topology.entries("jobs") + topology.entries("job-items")).isZero();
  }

  @Test
  void equalRequestsAreOneLineAndLaterOnesAreInTheCache() {
    ask("a", "a");
    JobTask task = sealed();
    JobLine line = only(task.getLines());
    end(line, start(task, line), true);
    ask("a");
    assertThat(topology.responses()).hasSize(3);
  }

  @Test
  void aRestartLosesNobodyWhoWaits() {
    ask("a", "b");
    topology.restart();
    assertThat(sealed().getLines()).hasSize(2);
  }

  @Test
  void aRestartGivesATaskOfWhichNothingIsHeardToAnotherWorker() {
    ask("a");
    JobTask task = sealed();
    topology.restart();
    topology.pass(Duration.ofMinutes(1));
    JobTask again = only(topology.tasks());
    assertThat(again.getJobId()).isEqualTo(task.getJobId());
    assertThat(again.getAgain()).isTrue();
    assertThat(again.getLines()).isEqualTo(task.getLines());
    topology.reportJob(again, new JobSubmitted("batch_1"));
    topology.restart();
    topology.pass(IDLE);
    JobTask look = only(topology.tasks());
    assertThat(look.getStep()).isEqualTo(JobStep.POLL);
    assertThat(look.getRef()).isEqualTo("batch_1");
  }

  @Test
  void whatABatchLeftGoesIntoTheNextAndThenIsCalledForByItself() {
    ask("a", "b");
    JobTask first = sealed();
    JobLine left = first.getLines().getLast();
    end(first.getLines().getFirst(), start(first, first.getLines().getFirst()), true);
    end(left, start(first, left), false);
    topology.reportJob(first, new JobOver("expired", 1, 0, 1));
    topology.pass(GRACE);

    JobTask second = sealed();
    JobLine line = only(second.getLines());
    assertThat(line.getNumber()).isEqualTo(2);
    end(line, start(second, line), false);
    topology.reportJob(second, new JobOver("expired", 0, 0, 1));
    topology.pass(GRACE);

    Dispatch dispatch = only(topology.dispatches(Lane.BATCH));
    assertThat(dispatch.getFirstAttempt()).isEqualTo(3);
    topology.answer(dispatch, topology.start(dispatch), "at last");
    assertThat(topology.responses())
        .hasSize(2)
        .extracting(InferenceResponse::getStatus)
        .containsOnly(Status.ANSWERED);
  }

  @Test
  void whoIsWithdrawnBeforeItIsHandedInIsInNoBatch() {
    InferenceRequest gone = asking("a").build();
    ask(gone);
    ask("b");
    topology.withdraw(gone);
    assertThat(only(topology.responses()).getFailure().getCode())
        .isEqualTo(Reason.WITHDRAWN.code());
    assertThat(sealed().getLines()).hasSize(1);
  }

  @Test
  void aBatchThatNobodyWantsAnyMoreIsCalledOff() {
    InferenceRequest gone = asking("a").build();
    ask(gone);
    JobTask task = sealed();
    start(task, only(task.getLines()));
    topology.reportJob(task, new JobSubmitted("batch_1"));
    topology.withdraw(gone);
    assertThat(only(topology.tasks()).getStep()).isEqualTo(JobStep.CANCEL);
  }

  @Test
  void anExpressRequestDoesNotWaitForTheBatchOfItsEqual() {
    ask("a", "b");
    topology.ask(Lane.EXPRESS, asking("a").withId("hurried").build());
    Dispatch dispatch = only(topology.dispatches(Lane.EXPRESS));
    topology.answer(dispatch, topology.start(dispatch), "quickly");
    assertThat(topology.responses())
        .hasSize(2)
        .extracting(InferenceResponse::getStatus)
        .containsOnly(Status.ANSWERED);
    assertThat(sealed().getLines()).as("only the other one").hasSize(1);
  }

  @Test
  void anExpressRequestIsCalledForBesideABatchThatIsUnderWay() {
    ask("a");
    JobTask task = sealed();
    JobLine line = only(task.getLines());
    Attempt batched = start(task, line);
    topology.reportJob(task, new JobSubmitted("batch_1"));
    topology.ask(Lane.EXPRESS, asking("a").withId("hurried").build());
    Dispatch dispatch = only(topology.dispatches(Lane.EXPRESS));
    assertThat(dispatch.getFirstAttempt()).isEqualTo(2);
    topology.answer(dispatch, topology.start(dispatch), "quickly");
    assertThat(topology.responses()).hasSize(2);
    end(line, batched, true);
    assertThat(topology.responses()).isEmpty();
    // Two calls, and what the one who followed did not pay.
    assertThat(topology.costs()).hasSize(3);
  }

  @Test
  void nearTheDeadlineWhatABatchOwesIsCalledForByItself() {
    Instant deadlineAt = topology.now().plus(Duration.ofMinutes(90));
    ask(asking("a").dueBy(deadlineAt).build());
    JobTask task = sealed();
    JobLine line = only(task.getLines());
    Attempt batched = start(task, line);
    topology.reportJob(task, new JobSubmitted("batch_1"));

    JobTask cancel = until(JobStep.CANCEL, deadlineAt.minus(Duration.ofMinutes(15)));
    topology.reportJob(cancel, new JobRunning(1, 0)); // It takes its time to stop.
    assertThat(topology.dispatches(Lane.BATCH)).isEmpty();
    topology.pass(Duration.between(topology.now(), deadlineAt.minus(Duration.ofMinutes(2))));
    topology.pass(Duration.ofMillis(200));

    Dispatch dispatch = only(topology.dispatches(Lane.BATCH));
    assertThat(topology.costs())
        .extracting(CostEvent::getProvenance)
        .containsExactly(Provenance.ORPHANED);
    topology.answer(dispatch, topology.start(dispatch), "in time");
    assertThat(only(topology.responses()).getStatus()).isEqualTo(Status.ANSWERED);

    end(line, batched, true); // After all: accounted, and nobody is answered twice.
    assertThat(topology.responses()).isEmpty();
    assertThat(topology.costs()).hasSize(2);
  }

  private JobTask until(JobStep step, Instant latest) {
    while (topology.now().isBefore(latest.plusSeconds(1))) {
      topology.pass(Duration.ofSeconds(30));
      for (JobTask task : topology.tasks()) {
        if (task.getStep() == step) {
          return task;
        }
        topology.reportJob(task, new JobRunning(1, 0));
      }
    }
    throw new AssertionError("no task to " + step);
  }

  private static Requesting asking(String question) {
    return aRequest(question).ofModel(MODEL);
  }

  private void ask(String... questions) {
    for (String question : questions) {
      ask(asking(question).build());
    }
  }

  private void ask(InferenceRequest request) {
    asked.add(request);
    topology.ask(Lane.BATCH, request);
  }

  private JobTask sealed() {
    topology.pass(IDLE);
    return only(topology.tasks());
  }

  /** A worker writes that a line's attempt has begun. */
  private Attempt start(JobTask task, JobLine line) {
    JobItem item = topology.jobItem(line.getOffset());
    InferenceRequest request =
        asked.stream()
            .filter(each -> Fingerprint.of(each).hex().equals(item.getFingerprint()))
            .findFirst()
            .orElseThrow();
    var attempt =
        new Attempt(
            Jobs.lineId(task.getJobId(), line.getOffset()),
            item.getDispatchId(),
            line.getNumber(),
            "worker-1",
            "openai",
            MODEL,
            MODEL,
            request.getId(),
            request.getTenant(),
            Lane.BATCH,
            task.getSealedAt(),
            10L,
            null,
            Map.of(),
            null,
            JobRules.TIER,
            null);
    topology.report(
        item.getFingerprint(), new AttemptStarted(attempt, Duration.ofHours(26).toMillis()));
    return attempt;
  }

  private AttemptEnded end(JobLine line, Attempt attempt, boolean answered) {
    Object outcome =
        answered
            ? Answers.text("an answer", "stop")
            : Reason.BATCH_UNANSWERED.because("it expired");
    var ended =
        new AttemptEnded(
            attempt,
            topology.now(),
            outcome,
            answered ? MODEL : null,
            answered ? Tokens.plain(10, 20).toUsage() : null,
            answered ? null : 0L,
            JobRules.TIER,
            List.of(),
            null,
            null);
    topology.report(topology.jobItem(line.getOffset()).getFingerprint(), ended);
    return ended;
  }

  private static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.getFirst();
  }
}
