package io.penstock.workers;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The places for calls of one lane. One thread takes; any thread gives back or waits. */
final class Slots {
  private final int size;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int taken;

  Slots(int size) {
    this.size = size;
  }

  void take() {
    lock.lock();
    try {
      taken++;
    } finally {
      lock.unlock();
    }
  }

  void giveBack() {
    lock.lock();
    try {
      taken--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }

  boolean free(int wanted) {
    return size - taken() >= wanted;
  }

  void awaitFree(int wanted) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (size - taken < wanted) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no slot is taken; false when {@code patience} ran out first. */
  boolean awaitIdle(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (taken > 0) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
