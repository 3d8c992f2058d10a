package io.penstock.topology;

import io.penstock.policies.gate.GateRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the topology runs.
 *
 * @param stateDir where stores are kept; losing it costs a restore, nothing else
 * @param commitInterval bounds what a crash makes the topology look at again
 * @param threads stream threads of this process
 * @param instance a name that this process keeps over restarts, so that it gets its partitions back
 *     at once after a kill; none lets the others take over instead
 * @param storeMemory bound on block caches and write buffers of all stores together, in bytes
 * @param gate how batch is let in
 */
public record TopologySettings(
    Path stateDir,
    Duration commitInterval,
    int threads,
    Optional<String> instance,
    long storeMemory,
    GateRules gate) {

  private static final Duration LONGEST_COMMIT_INTERVAL = Duration.ofMillis(500);
  private static final long LEAST_STORE_MEMORY = 16L * 1024 * 1024;

  public TopologySettings {
    if (commitInterval.isNegative()
        || commitInterval.isZero()
        || commitInterval.compareTo(LONGEST_COMMIT_INTERVAL) > 0) {
      throw new IllegalArgumentException(
          "the commit interval must lie between 1 and "
              + LONGEST_COMMIT_INTERVAL.toMillis()
              + " ms; it is "
              + commitInterval.toMillis());
    }
    if (threads < 1) {
      throw new IllegalArgumentException("at least one stream thread, not " + threads);
    }
    if (storeMemory < LEAST_STORE_MEMORY) {
      throw new IllegalArgumentException("stores need at least 16 MiB, not " + storeMemory);
    }
  }

  /** The usual settings. */
  public static TopologySettings in(Path stateDir, int threads, Optional<String> instance) {
    return in(stateDir, threads, instance, GateRules.DEFAULT);
  }

  /** The usual settings, but for how batch is let in. */
  public static TopologySettings in(
      Path stateDir, int threads, Optional<String> instance, GateRules gate) {
    return new TopologySettings(
        stateDir, Duration.ofMillis(200), threads, instance, 128L * 1024 * 1024, gate);
  }
}
