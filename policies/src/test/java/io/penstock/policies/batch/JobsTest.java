package io.penstock.policies.batch;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.batch.GatheringTest.NOON;
import static io.penstock.policies.batch.GatheringTest.RULES;
import static io.penstock.policies.batch.GatheringTest.item;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.batch.Jobs.Next;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Job;
import io.penstock.schemas.avro.JobAlive;
import io.penstock.schemas.avro.JobDeferred;
import io.penstock.schemas.avro.JobItem;
import io.penstock.schemas.avro.JobOver;
import io.penstock.schemas.avro.JobReport;
import io.penstock.schemas.avro.JobRunning;
import io.penstock.schemas.avro.JobStage;
import io.penstock.schemas.avro.JobStep;
import io.penstock.schemas.avro.JobSubmitted;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A job's way from its sealing to its end. */
class JobsTest {
  private static final List<JobItem> ITEMS =
      List.of(item(5, 10, NOON, Duration.ofHours(20)), item(9, 10, NOON, Duration.ofHours(24)));

  private final Jobs law = new Jobs(RULES);
  private Instant now = NOON;
  private Next next = law.sealed("job:w", 3, ITEMS, false, NOON);

  private Job job() {
    return next.job();
  }

  private JobTask task() {
    return requireNonNull(next.task());
  }

  private void report(int task, SpecificRecord outcome) {
    next = law.reported(job(), new JobReport(job().getId(), task, outcome), now);
  }

  private void pass(Duration time) {
    now = now.plus(time);
    next = law.due(job(), now);
  }

  @Test
  void aSealedJobIsHandedIn() {
    assertThat(task().getStep()).isEqualTo(JobStep.SUBMIT);
    assertThat(task().getAgain()).isFalse();
    assertThat(task().getPartition()).isEqualTo(3);
    assertThat(task().getLines()).extracting(line -> line.getOffset()).containsExactly(5L, 9L);
    assertThat(job().getDeadlineAt()).isEqualTo(NOON.plus(Duration.ofHours(20)));
    assertThat(job().getLatestAt()).isEqualTo(NOON.plus(Duration.ofHours(24)));
  }

  @Test
  void theSameRecordsMakeTheSameJobAndOthersAnother() {
    assertThat(law.sealed("job:w", 3, ITEMS, false, NOON.plusSeconds(9)).job().getId())
        .isEqualTo(job().getId());
    assertThat(law.sealed("job:w", 3, ITEMS.reversed(), false, NOON).job().getId())
        .isNotEqualTo(job().getId());
  }

  @Test
  void whatAPredecessorMayHaveSealedIsLookedForBeforeItIsHandedIn() {
    JobTask task = requireNonNull(law.sealed("job:w", 3, ITEMS, true, NOON).task());
    assertThat(task.getNumber()).isEqualTo(1);
    assertThat(task.getAgain()).isTrue();
  }

  @Test
  void theIdOfALineIsTakenByEveryProvider() {
    assertThat(Jobs.lineId(job().getId(), Long.MAX_VALUE)).matches("[a-zA-Z0-9_-]{1,64}");
  }

  @Test
  void aJobThatWasTakenIsLookedAtEverMoreRarely() {
    report(1, new JobSubmitted("batch_1"));
    assertThat(job().getStage()).isEqualTo(JobStage.RUNNING);
    assertThat(law.dueAt(job())).contains(now.plusSeconds(30));
    pass(Duration.ofSeconds(30));
    assertThat(task().getStep()).isEqualTo(JobStep.POLL);
    assertThat(task().getRef()).isEqualTo("batch_1");
    report(2, new JobRunning(2, 1));
    assertThat(law.dueAt(job())).contains(now.plusSeconds(60));
  }

  @Test
  void aTaskOfWhichNothingIsHeardIsGivenToAnother() {
    pass(Duration.ofSeconds(59));
    assertThat(next.task()).isNull();
    pass(Duration.ofSeconds(1));
    assertThat(task().getStep()).isEqualTo(JobStep.SUBMIT);
    assertThat(task().getAgain()).isTrue();
    assertThat(task().getNumber()).isEqualTo(2);
  }

  @Test
  void aWorkerThatIsAtItKeepsItsTask() {
    now = now.plusSeconds(40);
    report(1, new JobAlive());
    pass(Duration.ofSeconds(40));
    assertThat(next.task()).isNull();
    pass(Duration.ofSeconds(20));
    assertThat(task().getNumber()).isEqualTo(2);
  }

  @Test
  void howeverLateItIsHeardAJobIsNotHandedInOnceMore() {
    pass(Duration.ofMinutes(1));
    report(1, new JobSubmitted("batch_1"));
    assertThat(job().getRef()).isEqualTo("batch_1");
    pass(Duration.ofMinutes(1));
    assertThat(task().getStep()).isEqualTo(JobStep.POLL);
  }

  @Test
  void whatAWorkerSaysAfterItsTurnDelaysNothing() {
    pass(Duration.ofMinutes(1));
    Job before = job();
    report(1, new JobAlive());
    assertThat(job()).isEqualTo(before);
    report(1, new JobDeferred("busy", null));
    assertThat(job()).isEqualTo(before);
  }

  @Test
  void aProviderThatIsBusyIsAskedAgainWhenItSays() {
    report(1, new JobDeferred("slow down", 90_000L));
    pass(Duration.ofSeconds(89));
    assertThat(next.task()).isNull();
    pass(Duration.ofSeconds(1));
    assertThat(task().getStep()).isEqualTo(JobStep.SUBMIT);
    assertThat(task().getAgain()).isTrue();
  }

  @Test
  void aJobIsCalledOffBeforeItsEarliestDeadline() {
    report(1, new JobSubmitted("batch_1"));
    while (next.task() == null || task().getStep() == JobStep.POLL) {
      now = law.dueAt(job()).orElseThrow();
      next = law.due(job(), now);
      if (task().getStep() == JobStep.POLL) {
        report(task().getNumber(), new JobRunning(2, 0));
      }
    }
    assertThat(task().getStep()).isEqualTo(JobStep.CANCEL);
    assertThat(job().getStage()).isEqualTo(JobStage.CANCELLING);
    assertThat(now).isEqualTo(NOON.plus(Duration.ofHours(20)).minus(RULES.rescue()));
    report(task().getNumber(), new JobRunning(2, 1));
    pass(RULES.longestPoll());
    assertThat(task().getStep()).isEqualTo(JobStep.CANCEL);
  }

  @Test
  void aJobThatCouldNotBeHandedInInTimeIsGivenUp() {
    now = NOON.plus(Duration.ofHours(20)).minus(RULES.rescue());
    next = law.due(job(), now);
    assertThat(task().getStep()).isEqualTo(JobStep.CANCEL);
    assertThat(task().getRef()).isNull();
  }

  @Test
  void whatIsOverStaysOver() {
    report(1, new JobOver("completed", 2, 0, 0));
    assertThat(job().getStage()).isEqualTo(JobStage.OVER);
    assertThat(law.dueAt(job())).isEmpty();
    Job over = job();
    report(1, new JobSubmitted("batch_1"));
    pass(Duration.ofDays(1));
    assertThat(job()).isEqualTo(over);
    assertThat(next.task()).isNull();
  }

  @Test
  void whatNobodyWantsAnyMoreIsCalledOff() {
    report(1, new JobSubmitted("batch_1"));
    next = law.unwanted(job(), now);
    assertThat(task().getStep()).isEqualTo(JobStep.CANCEL);
  }

  @Test
  void nobodyWaitsForAJobWhenOnlyTheTimeOfACallIsLeft() {
    Instant deadline = ITEMS.getFirst().getDeadlineAt();
    assertThat(law.letGoAt(ITEMS.getFirst())).isEqualTo(deadline.minus(RULES.reserve()));
    JobItem bounded = item(5, 10, NOON, Duration.ofHours(20), true);
    assertThat(law.letGoAt(bounded)).isEqualTo(deadline);
  }

  @ParameterizedTest
  @CsvSource({
    "BATCH, openai, PT24H, true",
    "BATCH, openai, PT1H30S, true",
    "BATCH, openai, PT1H29S, false",
    "STANDARD, openai, PT24H, false",
    "EXPRESS, openai, PT24H, false",
    "BATCH, vllm, PT24H, false",
  })
  void whoHasTimeGoesIntoAJobWhereThereAreBatches(
      Lane lane, String provider, Duration left, boolean goes) {
    Optional<String> window =
        RULES.windowOf(
            aRequest().build(),
            lane,
            List.of(new Candidate(provider, "gpt-5-mini")),
            NOON.plus(left),
            NOON);
    assertThat(window.isPresent()).isEqualTo(goes);
    window.ifPresent(name -> assertThat(JobRules.gathers(name)).isTrue());
  }

  @Test
  void aJobIsOfOneTenantAndModelAndOfThoseWithAboutAsMuchTime() {
    assertThat(
            List.of(
                windowOf("a", "m", Duration.ofHours(24)),
                windowOf("b", "m", Duration.ofHours(24)),
                windowOf("a", "n", Duration.ofHours(24)),
                windowOf("a", "m", Duration.ofHours(2))))
        .doesNotHaveDuplicates();
    assertThat(windowOf("a", "m", Duration.ofHours(24)))
        .isEqualTo(windowOf("a", "m", Duration.ofHours(20)));
  }

  private static String windowOf(String tenant, String model, Duration left) {
    return RULES
        .windowOf(
            aRequest().forTenant(tenant).build(),
            Lane.BATCH,
            List.of(new Candidate("openai", model)),
            NOON.plus(left),
            NOON)
        .orElseThrow();
  }
}
