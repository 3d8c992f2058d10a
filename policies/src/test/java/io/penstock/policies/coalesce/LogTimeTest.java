package io.penstock.policies.coalesce;

import static io.penstock.policies.coalesce.Story.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogTimeTest {
  private static final Duration SOON = LogTime.PROMPT;
  private static final Duration LATE = LogTime.PROMPT.plusMillis(1);

  @Test
  void aMarkThatComesBackPromptlyJudges() {
    LogTime marked = LogTime.UNKNOWN.mark(NOON);
    assertThat(marked.judges(NOON, NOON.plus(SOON))).isTrue();
  }

  @Test
  void onlyOneMarkIsUnderWay() {
    LogTime marked = LogTime.UNKNOWN.mark(NOON);
    assertThat(marked.mayMark(NOON.plus(Duration.ofHours(1)))).isFalse();

    LogTime read = marked.read(NOON, NOON.plus(SOON));
    Instant next = NOON.plus(SOON).plus(LogTime.PACE);
    assertThat(read.mayMark(next.minusMillis(1))).isFalse();
    assertThat(read.mayMark(next)).isTrue();
  }

  @Test
  void aMarkThatTookLongDoesNotJudgeAndLetsWorkersBeHeardBeforeTheNext() {
    Instant back = NOON.plus(LATE);
    LogTime marked = LogTime.UNKNOWN.mark(NOON);
    assertThat(marked.judges(NOON, back)).isFalse();

    LogTime heldUp = marked.read(NOON, back);
    assertThat(heldUp.mayMark(back.plus(LogTime.GRACE).minusMillis(1))).isFalse();
    assertThat(heldUp.mayMark(back.plus(LogTime.GRACE))).isTrue();
  }

  @Test
  void theMarkAfterOneThatTookLongJudgesHoweverLongItTakes() {
    Instant back = NOON.plus(LATE);
    Instant second = back.plus(LogTime.GRACE);
    LogTime marked = LogTime.UNKNOWN.mark(NOON).read(NOON, back).mark(second);
    assertThat(marked.judges(second, second.plus(Duration.ofMinutes(1)))).isTrue();

    Instant read = second.plus(Duration.ofMinutes(1));
    assertThat(marked.read(second, read).mark(read).judges(read, read.plus(LATE)))
        .as("and counts as no delay of its own")
        .isFalse();
  }

  @Test
  void aMarkOfAnEarlierTaskChangesNothing() {
    LogTime marked = LogTime.UNKNOWN.mark(NOON);
    Instant earlier = NOON.minusSeconds(60);
    assertThat(marked.judges(earlier, NOON)).isFalse();
    assertThat(marked.read(earlier, NOON)).isEqualTo(marked);
    assertThat(LogTime.UNKNOWN.judges(NOON, NOON)).isFalse();
  }
}
