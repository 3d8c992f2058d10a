package io.penstock.policies.gate;

import java.time.Duration;

/**
 * The numbers of the gate.
 *
 * @param window records of one partition that are let in and not yet read by the flow
 * @param waitingWork dispatches of the batch lane that wait for workers; while there are more,
 *     nothing is let in
 * @param slowerPercent by how much batch may make express slower than it is alone
 * @param slack so much slower is never held against batch: clocks tick in milliseconds
 * @param slowest records a second that are let in whatever express meets: batch starves nobody, and
 *     is not starved
 * @param first records a second to begin with
 * @param fastest bound on what the pace grows to beside express
 * @param samples express records from which a mean is taken
 * @param look how long express is listened to between two changes of the pace
 * @param longestLook how long where fewer records come; and how long a rest waits for what is under
 *     way
 * @param settling how long what was in hand when a rest began still counts
 * @param restEvery how often batch rests to learn how express is alone
 * @param quiet without express for so long, batch goes as fast as it can
 */
public record GateRules(
    int window,
    int waitingWork,
    int slowerPercent,
    Duration slack,
    double slowest,
    double first,
    double fastest,
    int samples,
    Duration look,
    Duration longestLook,
    Duration settling,
    Duration restEvery,
    Duration quiet) {

  public static final GateRules DEFAULT =
      new GateRules(
          64,
          1_000,
          25,
          Duration.ofNanos(500_000),
          5,
          50,
          100_000,
          10,
          Duration.ofSeconds(1),
          Duration.ofSeconds(3),
          Duration.ofMillis(250),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10));

  /** The widest window: what is let in twice is looked for in a few of them (decision 18). */
  public static final int WIDEST = 256;

  public GateRules {
    if (window > WIDEST) {
      throw new IllegalArgumentException("a window of at most " + WIDEST + ", not " + window);
    }
    if (window < 1 || waitingWork < 1 || samples < 1) {
      throw new IllegalArgumentException(
          "a gate lets in at least one record, for one dispatch, and hears one of express");
    }
    if (slowerPercent < 0 || slack.isNegative()) {
      throw new IllegalArgumentException("batch makes express no faster");
    }
    if (slowest <= 0 || first < slowest || fastest < first) {
      throw new IllegalArgumentException(
          "0 < slowest <= first <= fastest, not " + slowest + ", " + first + ", " + fastest);
    }
  }

  /** The usual numbers, but for these. */
  public static GateRules of(int window, int waitingWork, int slowerPercent) {
    GateRules usual = DEFAULT;
    return new GateRules(
        window,
        waitingWork,
        slowerPercent,
        usual.slack,
        usual.slowest,
        usual.first,
        usual.fastest,
        usual.samples,
        usual.look,
        usual.longestLook,
        usual.settling,
        usual.restEvery,
        usual.quiet);
  }

  /** How long express may take where it takes {@code aloneMs} alone. */
  double allowedMs(double aloneMs) {
    return aloneMs + Math.max(ms(slack), Math.max(0, aloneMs) * slowerPercent / 100);
  }

  static double ms(Duration length) {
    return length.toNanos() / 1e6;
  }
}
