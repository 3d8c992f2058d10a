package io.penstock.policies.coalesce;

import java.time.Duration;
import java.util.Random;

/** What goes wrong in a walk; each in a hundred chances. */
final class Faults {
  private int crash;
  private int fail;
  private int drop;
  private int vanish;
  private int vanishUnacknowledged;
  private int pause;
  private int withdrawal;
  private boolean slowWorkers;
  private boolean laggingState;
  private Duration patience = Duration.ofSeconds(30);

  private Faults() {}

  static Faults none() {
    return new Faults();
  }

  /** The topology stops, and comes back after a while. */
  Faults crashes(int percent) {
    crash = percent;
    return this;
  }

  /** A call brings back no answer. */
  Faults failures(int percent) {
    fail = percent;
    return this;
  }

  /** A worker takes a dispatch and calls nobody. */
  Faults drops(int percent) {
    drop = percent;
    return this;
  }

  /** A worker dies: in a call, while it waits to try again, or before it acknowledges. */
  Faults vanishingWorkers(int percent, int unacknowledged) {
    vanish = percent;
    vanishUnacknowledged = unacknowledged;
    return this;
  }

  /** A worker does nothing for so long that it seems dead. */
  Faults pauses(int percent) {
    pause = percent;
    return this;
  }

  /** Whoever asked no longer wants the answer. */
  Faults withdrawals(int percent) {
    withdrawal = percent;
    return this;
  }

  /** Dispatches queue before they are taken. */
  Faults slowWorkers() {
    slowWorkers = true;
    return this;
  }

  /** A crash loses state, too, as far as no commit covers it. */
  Faults laggingState() {
    laggingState = true;
    return this;
  }

  /** The latest deadline of a request. */
  Faults deadlinesWithin(Duration patience) {
    this.patience = patience;
    return this;
  }

  boolean crash(Random random) {
    return happens(crash, random);
  }

  boolean fail(Random random) {
    return happens(fail, random);
  }

  boolean drop(Random random) {
    return happens(drop, random);
  }

  boolean vanish(Random random) {
    return happens(vanish, random);
  }

  boolean vanishUnacknowledged(Random random) {
    return happens(vanishUnacknowledged, random);
  }

  boolean pause(Random random) {
    return happens(pause, random);
  }

  boolean withdraw(Random random) {
    return happens(withdrawal, random);
  }

  boolean promptWorkers() {
    return !slowWorkers;
  }

  boolean stateLags() {
    return laggingState;
  }

  /** Whether the policy hears of every dispatch that is out. */
  boolean nothingHidden() {
    return crash == 0 && vanishUnacknowledged == 0;
  }

  Duration patience(Random random) {
    long most = patience.toMillis();
    return Duration.ofMillis(most / 50 + random.nextLong(most));
  }

  private static boolean happens(int percent, Random random) {
    return random.nextInt(100) < percent;
  }
}
