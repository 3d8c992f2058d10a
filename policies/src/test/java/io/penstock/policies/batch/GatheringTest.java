package io.penstock.policies.batch;

import static io.penstock.policies.batch.Gathering.Cause.AGED;
import static io.penstock.policies.batch.Gathering.Cause.FULL;
import static io.penstock.policies.batch.Gathering.Cause.IDLE;
import static io.penstock.policies.batch.Gathering.Cause.LARGE;
import static io.penstock.policies.batch.Gathering.Cause.PRESSED;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.batch.Gathering.Cause;
import io.penstock.policies.batch.Gathering.Sealed;
import io.penstock.schemas.avro.JobItem;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a job is made up, and of whom. */
class GatheringTest {
  static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  static final JobRules RULES =
      new JobRules(
          Set.of("openai"),
          3,
          1_000,
          Duration.ofMinutes(5),
          Duration.ofSeconds(30),
          Duration.ofHours(1),
          Duration.ofMinutes(15),
          Duration.ofMinutes(2),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          2);

  private final Gathering gathering = new Gathering(RULES);

  static JobItem item(long offset, int bytes, Instant since, Duration left) {
    return item(offset, bytes, since, left, false);
  }

  static JobItem item(long offset, int bytes, Instant since, Duration left, boolean bounded) {
    return new JobItem(
        offset,
        "d-" + offset,
        "f-" + offset,
        "openai",
        "gpt-5-mini",
        1,
        bytes,
        since,
        since.plus(left),
        bounded,
        null,
        null);
  }

  private void arrive(long offset, Duration after) {
    gathering.arrive(item(offset, 10, NOON.plus(after), Duration.ofDays(1)));
  }

  private Optional<Cause> causeAfter(Duration time) {
    return gathering.look(NOON.plus(time)).map(Sealed::cause);
  }

  @Test
  void nobodyMakesNoJob() {
    assertThat(causeAfter(Duration.ofDays(2))).isEmpty();
    assertThat(gathering.nextLook()).isEmpty();
  }

  @Test
  void whoIsLeftAloneForAWhileIsHandedIn() {
    arrive(1, Duration.ZERO);
    assertThat(causeAfter(Duration.ofMillis(29_999))).isEmpty();
    assertThat(gathering.nextLook()).contains(NOON.plusSeconds(30));
    assertThat(causeAfter(Duration.ofSeconds(30))).contains(IDLE);
    assertThat(gathering.isEmpty()).isTrue();
  }

  @Test
  void whoeverComesLetsTheOthersWaitUntilTheFirstIsOld() {
    var patient = new Gathering(manyAtOnce(100));
    for (int second = 0; second < 300; second += 20) {
      patient.arrive(item(second, 10, NOON.plusSeconds(second), Duration.ofDays(1)));
      assertThat(patient.look(NOON.plusSeconds(second))).isEmpty();
    }
    assertThat(patient.look(NOON.plusSeconds(300)).map(Sealed::cause)).contains(AGED);
  }

  private static JobRules manyAtOnce(int most) {
    return new JobRules(
        RULES.providers(),
        most,
        RULES.mostBytes(),
        RULES.age(),
        RULES.idle(),
        RULES.shortest(),
        RULES.rescue(),
        RULES.reserve(),
        RULES.firstPoll(),
        RULES.longestPoll(),
        RULES.taskLease(),
        RULES.attempts());
  }

  @Test
  void aFullJobIsHandedInAtOnceAndTheRestWaits() {
    for (int offset = 1; offset <= 4; offset++) {
      arrive(offset, Duration.ofMillis(offset));
    }
    assertThat(gathering.nextLook()).contains(Instant.EPOCH);
    Sealed sealed = gathering.look(NOON.plusMillis(4)).orElseThrow();
    assertThat(sealed.cause()).isEqualTo(FULL);
    assertThat(sealed.items()).extracting(JobItem::getOffset).containsExactly(1L, 2L, 3L);
    assertThat(gathering.look(NOON.plusMillis(5))).isEmpty();
    assertThat(gathering.isEmpty()).isFalse();
  }

  @Test
  void aJobIsNoLargerThanItsProviderTakes() {
    gathering.arrive(item(1, 600, NOON, Duration.ofDays(1)));
    gathering.arrive(item(2, 600, NOON, Duration.ofDays(1)));
    Sealed sealed = gathering.look(NOON).orElseThrow();
    assertThat(sealed.cause()).isEqualTo(LARGE);
    assertThat(sealed.items()).extracting(JobItem::getOffset).containsExactly(1L);
  }

  @Test
  void whatIsLargerThanAWholeJobIsOneOfItsOwn() {
    gathering.arrive(item(1, 5_000, NOON, Duration.ofDays(1)));
    assertThat(gathering.look(NOON).orElseThrow().items()).hasSize(1);
  }

  @Test
  void aDeadlineHandsAJobInWhileItHasTheTimeItNeeds() {
    gathering.arrive(item(1, 10, NOON, Duration.ofDays(1)));
    gathering.arrive(item(2, 10, NOON, Duration.ofHours(1).plusSeconds(10)));
    assertThat(gathering.look(NOON.plusSeconds(9))).isEmpty();
    assertThat(gathering.look(NOON.plusSeconds(10)).map(Sealed::cause)).contains(PRESSED);
  }

  @Test
  void whoLeftIsInNoJob() {
    arrive(1, Duration.ZERO);
    arrive(2, Duration.ZERO);
    assertThat(gathering.leave("d-1")).isPresent();
    assertThat(gathering.leave("d-1")).isEmpty();
    assertThat(gathering.look(NOON.plusSeconds(30)).orElseThrow().items())
        .extracting(JobItem::getDispatchId)
        .containsExactly("d-2");
  }

  @Test
  void aDispatchThatComesAgainIsInAJobOnce() {
    arrive(1, Duration.ZERO);
    var again =
        new JobItem(
            7L,
            "d-1",
            "f-1",
            "openai",
            "gpt-5-mini",
            2,
            10,
            NOON,
            NOON.plusSeconds(86_400),
            false,
            null,
            null);
    gathering.arrive(again);
    assertThat(gathering.look(NOON.plusSeconds(30)).orElseThrow().items()).containsExactly(again);
  }

  @ParameterizedTest
  @CsvSource({"0, PT30S", "1, PT1M", "2, PT2M", "3, PT4M", "4, PT5M", "40, PT5M"})
  void looksBecomeRarer(int looks, Duration wait) {
    assertThat(RULES.poll(looks)).isEqualTo(wait);
  }
}
