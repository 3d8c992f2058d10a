package io.penstock.ingress;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Does at a time what is to be done then, if it is not called off before, as nearly all of it is.
 * One thread looks once a tick at what is due: a timer for every caller that waits costs more than
 * the rest of its wait. Any thread.
 */
final class Deadlines implements AutoCloseable {
  static final Duration TICK = Duration.ofMillis(10);

  private final long begun = System.nanoTime();
  private final ConcurrentHashMap<Long, Set<Appointment>> byTick = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile long passed = -1; // written before what is due then is taken out
  private volatile boolean closed;

  Deadlines() {
    this.thread = Thread.ofPlatform().name("penstock-deadlines").daemon().start(this::run);
  }

  /** Something to be done; closing calls it off. */
  static final class Appointment implements AutoCloseable {
    private final Set<Appointment> sameTick;
    private final Runnable action;

    private Appointment(Set<Appointment> sameTick, Runnable action) {
      this.sameTick = sameTick;
      this.action = action;
    }

    /** Of all who try, one does it. */
    private void keep() {
      if (sameTick.remove(this)) {
        action.run();
      }
    }

    @Override
    public void close() {
      sameTick.remove(this);
    }
  }

  /**
   * @param nanoTime as {@link System#nanoTime()} counts; what is past is done at once, by the
   *     caller
   * @param action short; done at that time, or up to a tick later
   */
  Appointment at(long nanoTime, Runnable action) {
    long tick = Math.ceilDiv(nanoTime - begun, TICK.toNanos());
    var sameTick = byTick.computeIfAbsent(tick, _ -> ConcurrentHashMap.newKeySet());
    var appointment = new Appointment(sameTick, action);
    sameTick.add(appointment);
    if (tick <= passed) { // the thread may have come by already
      keepAll(tick);
      appointment.keep();
    }
    return appointment;
  }

  private void keepAll(long tick) {
    var due = byTick.remove(tick);
    if (due != null) {
      due.forEach(Appointment::keep);
    }
  }

  private void run() {
    for (long tick = 0; !closed; tick++) {
      for (long early = early(tick); early > 0 && !closed; early = early(tick)) {
        LockSupport.parkNanos(early);
      }
      passed = tick;
      keepAll(tick);
    }
  }

  private long early(long tick) {
    return begun + tick * TICK.toNanos() - System.nanoTime();
  }

  /** What is not due yet is not done any more. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
