package io.penstock.ingress.batches;

import java.time.Duration;

/**
 * What is taken in as files and batches.
 *
 * @param largestFile in bytes
 * @param mostLines in one batch
 * @param atOnce batches that one instance runs at a time; the others wait their turn
 * @param partingTime a batch that is cancelled, or whose time is over, waits no longer for what is
 *     under way
 */
public record BatchLimits(long largestFile, int mostLines, int atOnce, Duration partingTime) {
  public static final BatchLimits USUAL =
      new BatchLimits(200L * 1024 * 1024, 50_000, 16, Duration.ofSeconds(30));

  public BatchLimits {
    if (largestFile < 1 || mostLines < 1 || atOnce < 1 || partingTime.isNegative()) {
      throw new IllegalArgumentException("the bounds on files and batches must be at least 1");
    }
  }
}
