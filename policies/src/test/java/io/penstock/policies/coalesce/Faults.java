package io.penstock.policies.coalesce;

import java.util.Random;

/**
 * What goes wrong in a walk, each in a hundred chances.
 *
 * @param promptWorkers whether a dispatch that reached the workers is taken at once
 * @param stateLags whether a crash may lose state that no commit covers, too
 */
record Faults(
    int crash,
    int fail,
    int drop,
    int die,
    int dieBeforeAck,
    int pause,
    boolean promptWorkers,
    boolean stateLags) {
  static final Faults CRASHES = new Faults(10, 0, 0, 0, 0, 0, true, false);
  static final Faults CRASHES_AND_FAILURES = new Faults(10, 50, 0, 0, 0, 0, true, false);
  static final Faults ALL = new Faults(8, 40, 5, 10, 5, 10, false, false);
  static final Faults ALL_AND_LAGGING_STATE = new Faults(8, 40, 5, 10, 5, 10, false, true);

  boolean happens(int percent, Random random) {
    return random.nextInt(100) < percent;
  }
}
