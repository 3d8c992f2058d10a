package io.penstock.embedded.simulator;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** The faults in force. The same plan makes the same calls fail in the same way. */
final class Faults {
  private volatile Run run = new Run(FaultPlan.NONE, new AtomicLong());

  /** A plan and how many calls it has judged. */
  private record Run(FaultPlan plan, AtomicLong calls) {}

  FaultPlan plan() {
    return run.plan();
  }

  /** Puts a plan in force; it counts calls from here. */
  void set(FaultPlan plan) {
    run = new Run(plan, new AtomicLong());
  }

  /** What is wrong with the next call, if anything. */
  Optional<Fault> next() {
    Run current = run;
    FaultPlan plan = current.plan();
    long number = current.calls().incrementAndGet();
    if (plan.rate().signum() == 0 || plan.kinds().isEmpty()) {
      return Optional.empty();
    }
    long random = Digest.scatter(Digest.scatter(plan.seed()) + number);
    if (share(random) >= plan.rate().doubleValue()) {
      return Optional.empty();
    }
    int kind = (int) Long.remainderUnsigned(Digest.scatter(random), plan.kinds().size());
    return Optional.of(plan.kinds().get(kind));
  }

  /** A number from 0 (included) to 1 (excluded), out of the upper 53 bits. */
  private static double share(long random) {
    return (random >>> 11) * 0x1.0p-53;
  }
}
