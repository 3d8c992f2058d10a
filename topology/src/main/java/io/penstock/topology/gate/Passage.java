package io.penstock.topology.gate;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One partition's way through the gate. Used by the pump's thread, but for what the producer's
 * thread tells.
 */
final class Passage {
  private final Gate.Door door;
  private final TopicPartition lane;
  private final Queue<ConsumerRecord<byte[], byte[]>> outside = new ArrayDeque<>();
  private final long readBefore;
  private final AtomicLong end;
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicLong next;

  /**
   * @param end where the gated partition ends
   * @param unread how much of it the flow has not read, if it has told nothing yet
   * @param next the offset on the lane of the first record that has not been let in
   */
  Passage(Gate.Door door, TopicPartition lane, long end, long unread, long next) {
    this.door = door;
    this.lane = lane;
    this.end = new AtomicLong(end);
    this.readBefore = end - unread - 1;
    this.next = new AtomicLong(next);
  }

  boolean leadsTo(Gate.@Nullable Door current) {
    return door == current;
  }

  TopicPartition lane() {
    return lane;
  }

  Queue<ConsumerRecord<byte[], byte[]>> outside() {
    return outside;
  }

  /** The offset on the lane from which on nothing is known to have been let in. */
  long next() {
    return next.get();
  }

  /** How many were let in and are not read yet. */
  int unread() {
    long written = end.get() - 1 - Math.max(readBefore, door.read());
    return Math.toIntExact(Math.max(0, written)) + underWay.get();
  }

  void sent() {
    underWay.incrementAndGet();
  }

  /** A record of the lane is in the gated topic. */
  void written(long onLane, long gatedOffset) {
    end.accumulateAndGet(gatedOffset + 1, Math::max);
    next.accumulateAndGet(onLane + 1, Math::max);
    underWay.decrementAndGet();
  }

  /** A record of the lane will never be let in. */
  void passedOver(long onLane) {
    next.accumulateAndGet(onLane + 1, Math::max);
    underWay.decrementAndGet();
  }
}
