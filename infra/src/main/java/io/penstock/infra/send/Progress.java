package io.penstock.infra.send;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How a sending stands: a bar that stays in its place on a terminal, a line from time to time
 * elsewhere. May be told from any thread.
 */
public final class Progress {
  private static final int WIDTH = 30;
  private static final Duration BETWEEN_BARS = Duration.ofMillis(100);
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
  private static final double NANOS = 1e9;

  private final PrintWriter out;
  private final int total;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private final long begun;
  private long shownAt;
  private int longest;
  private int done;
  private int failed;
  private BigDecimal spent = BigDecimal.ZERO;

  public Progress(PrintWriter out, int total, boolean terminal) {
    this(out, total, terminal, System::nanoTime);
  }

  Progress(PrintWriter out, int total, boolean terminal, LongSupplier nanoTime) {
    this.out = out;
    this.total = total;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.begun = nanoTime.getAsLong();
    this.shownAt = begun;
  }

  /** One more has come to its end. */
  synchronized void ended(Outcome outcome) {
    done++;
    failed += outcome.kind() == Outcome.Kind.FAILED ? 1 : 0;
    spent = spent.add(outcome.spent().orElse(BigDecimal.ZERO));
    long now = nanoTime.getAsLong();
    Duration pause = terminal ? BETWEEN_BARS : BETWEEN_LINES;
    if (now - shownAt >= pause.toNanos() || (terminal && done == total)) {
      shownAt = now;
      show(now);
    }
  }

  private void show(long now) {
    if (terminal) {
      String bar = bar() + " " + standing(now);
      longest = Math.max(longest, bar.length()); // what was longer is written over
      out.print("\r" + bar + " ".repeat(longest - bar.length()));
    } else {
      out.println(standing(now));
    }
    out.flush();
  }

  private String bar() {
    int filled = (int) ((long) done * WIDTH / Math.max(1, total));
    return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "]";
  }

  private String standing(long now) {
    double seconds = Math.max(1e-3, (now - begun) / NANOS);
    double rate = done / seconds;
    var text = new StringBuilder();
    text.append("%d of %d".formatted(done, total));
    if (failed > 0) {
      text.append(", %d failed".formatted(failed));
    }
    text.append(", %.0f/s".formatted(rate));
    if (done > 0 && done < total) {
      text.append(", ").append(left(Math.round((total - done) / rate))).append(" left");
    }
    return text.append(", spent $").append(dollars()).toString();
  }

  private static String left(long seconds) {
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  private String dollars() {
    return spent.signum() == 0 ? "0" : spent.stripTrailingZeros().toPlainString();
  }

  synchronized void end() {
    if (terminal) {
      out.println();
      out.flush();
    }
  }
}
