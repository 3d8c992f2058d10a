package io.penstock.ingress.view;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** How far a view has come, for those who wait for it. For any thread. */
final class Reached {
  private final Map<TopicPartition, Long> positions = new HashMap<>();

  synchronized void at(TopicPartition partition, long position) {
    Long before = positions.put(partition, position);
    if (before == null || before != position) {
      notifyAll();
    }
  }

  /** Waits until every partition has come as far as {@code ends}, but no longer than told. */
  synchronized boolean await(Map<TopicPartition, Long> ends, Duration patience)
      throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (!beyond(ends)) {
      long left = Duration.ofNanos(until - System.nanoTime()).toMillis();
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  private boolean beyond(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
  }
}
