package io.penstock.topology.gate;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.schemas.Meter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * Where the flow and the pump of one process meet: the flow tells which partitions it reads, how
 * far it is, and how long express took to its turn; the pump asks. Safe for all threads.
 */
public final class Gate {
  private static final Duration[] DELAYS =
      IntStream.of(1, 2, 3, 5, 10, 20, 50, 100, 1_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  // A pump that has stopped must not fill the memory.
  private static final int REMEMBERED = 4_096;

  private final GatedLog log;
  private final InstantSource clock;
  private final Timer delays;
  private final Map<Integer, Door> doors = new ConcurrentHashMap<>();
  private final Semaphore opened = new Semaphore(0);
  private final BlockingQueue<Heard> heard = new ArrayBlockingQueue<>(REMEMBERED);

  private record Heard(Duration delay, Instant at) {}

  /** One task that reads a gated partition, from when it begins until it is taken away. */
  static final class Door {
    private static final long NOTHING = -1;

    private volatile long read = NOTHING;

    /** The flow has read the record at this offset, and everything before. */
    void read(long offset) {
      read = offset;
    }

    /** The last offset that the flow has read; -1 before the first. */
    long read() {
      return read;
    }
  }

  public Gate(GatedLog log, InstantSource clock, MeterRegistry meters) {
    this.log = log;
    this.clock = clock;
    this.delays =
        Timer.builder(Meter.EXPRESS_DELAY.id())
            .description(Meter.EXPRESS_DELAY.description())
            .serviceLevelObjectives(DELAYS)
            .register(meters);
  }

  GatedLog log() {
    return log;
  }

  InstantSource clock() {
    return clock;
  }

  /** A task begins to read a partition. */
  Door open(int partition) {
    var door = new Door();
    doors.put(partition, door);
    opened.release();
    return door;
  }

  /** A task reads no more; another may have opened the partition again meanwhile. */
  void close(int partition, Door door) {
    doors.remove(partition, door);
  }

  /** The partitions that this process reads now. */
  Map<Integer, Door> doors() {
    return Map.copyOf(doors);
  }

  /** Waits until a task begins to read, or {@code patience} is over. */
  void awaitDoor(Duration patience) {
    try {
      var _ = opened.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** It is the turn of an express record that was sent at {@code sentAt}. */
  void express(Instant sentAt) {
    Instant now = clock.instant();
    Duration delay = Duration.between(sentAt, now);
    if (!delay.isNegative()) {
      delays.record(delay);
    }
    var _ = heard.offer(new Heard(delay, now));
  }

  /** Everything heard of express since the last call, in order. */
  void hear(BiConsumer<Duration, Instant> listener) {
    for (Heard next = heard.poll(); next != null; next = heard.poll()) {
      listener.accept(next.delay, next.at);
    }
  }
}
