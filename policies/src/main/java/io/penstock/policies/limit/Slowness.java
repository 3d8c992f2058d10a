package io.penstock.policies.limit;

import java.time.Duration;
import java.util.Arrays;

/**
 * Whether answers of one lane begin so late because too many calls are under way. Forty at a time
 * are looked at: they are slow if more than one in twenty took longer than the lane's aim, and than
 * the same twentieth took when it was quickest, and if more calls were under way than then. What is
 * slow with no more calls under way is slow by itself, and no limit would help. Not for more than
 * one thread at a time.
 */
final class Slowness {
  static final int WINDOW = 40;
  private static final int P95 = WINDOW * 95 / 100 - 1;
  private static final double MORE = 1.2;
  // The best becomes old: providers change.
  private static final double AGEING = 0.05;

  private final double[] seconds = new double[WINDOW];
  private long underWay;
  private int seen;
  private double best = Double.POSITIVE_INFINITY;
  private double atBest;

  /** What a window says. */
  sealed interface Verdict {
    record Nothing() implements Verdict {}

    /**
     * Too slow.
     *
     * @param underWay calls that were under way, on average
     */
    record TooMany(double underWay) implements Verdict {}
  }

  /** One more answer began. */
  Verdict began(Sent call, Duration after, Duration aim, double slower) {
    seconds[seen++] = after.toNanos() / 1e9;
    underWay += call.underWay();
    if (seen < WINDOW) {
      return new Verdict.Nothing();
    }
    double mean = (double) underWay / WINDOW;
    Arrays.sort(seconds);
    double late = seconds[P95];
    forget();
    boolean slow = late > aim.toNanos() / 1e9 && late > slower * best;
    if (slow && mean > MORE * atBest) {
      return new Verdict.TooMany(mean);
    }
    if (late < best) {
      best = late;
      atBest = mean;
    } else {
      best += AGEING * (late - best);
    }
    return new Verdict.Nothing();
  }

  /** Begins a window: what was in it says nothing any more. */
  void forget() {
    seen = 0;
    underWay = 0;
  }
}
