package io.penstock.infra.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final AtomicLong now = new AtomicLong(-5);
  private final StringWriter written = new StringWriter();

  @Test
  void aTerminalHasABarThatStaysInItsPlace() {
    var progress = progress(4, true);
    ended(progress, answered("0.25"), Duration.ofSeconds(1));
    assertThat(written)
        .hasToString("\r[#######.......................] 1 of 4, 1/s, 0:03 left, spent $0.25");
    ended(progress, Outcome.failed("overloaded", "", Duration.ZERO), Duration.ofSeconds(1));
    assertThat(last())
        .isEqualTo(
            "[###############...............] 2 of 4, 1 failed, 1/s, 0:02 left, spent $0.25");
    ended(progress, answered("0.05"), Duration.ofMillis(10));
    assertThat(last()).startsWith("[###############...............] 2 of 4"); // too soon
    ended(progress, answered("0.05"), Duration.ofMillis(10));
    assertThat(last())
        .startsWith("[##############################] 4 of 4, 1 failed, 2/s, spent $0.35  ");
    progress.end();
    assertThat(written.toString()).endsWith(System.lineSeparator());
  }

  @Test
  void elsewhereThereIsALineFromTimeToTime() {
    var progress = progress(100_000, false);
    for (int i = 0; i < 25; i++) {
      ended(progress, answered("0"), Duration.ofSeconds(1));
    }
    progress.end();
    assertThat(written.toString().lines())
        .containsExactly(
            "10 of 100000, 1/s, 27:46:30 left, spent $0",
            "20 of 100000, 1/s, 27:46:20 left, spent $0");
  }

  private Progress progress(int total, boolean terminal) {
    return new Progress(new PrintWriter(written), total, terminal, now::get);
  }

  private void ended(Progress progress, Outcome outcome, Duration later) {
    now.addAndGet(later.toNanos());
    progress.ended(outcome);
  }

  private String last() {
    String text = written.toString();
    return text.substring(text.lastIndexOf('\r') + 1);
  }

  private static Outcome answered(String spent) {
    return new Outcome(
        Outcome.Kind.ANSWERED,
        "provider",
        "",
        Optional.of(new BigDecimal(spent)),
        Optional.empty(),
        Duration.ZERO);
  }
}
