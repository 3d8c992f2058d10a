package io.penstock.embedded.simulator;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the endpoints of both dialects share. For any thread. */
final class Provider {
  final Prices prices;
  final PrefixCaching caching;
  final Faults faults = new Faults();
  final Limits limits = new Limits();
  final Stats stats = new Stats();
  final CallTimes times = new CallTimes();
  final RecentCalls recent = new RecentCalls();
  final BatchTurns batches = new BatchTurns();
  final StoredFiles files = new StoredFiles("file-sim");
  final StoredFiles messageFiles = new StoredFiles("messages-");

  /** How many times slower a flex call is, to begin with. */
  private static final int FLEX_FACTOR = 3;

  private final InstantSource clock;
  private final AtomicLong calls = new AtomicLong();
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile Latency latency;
  private volatile int flexFactor = FLEX_FACTOR;
  private volatile boolean closing;

  Provider(SimulatorSettings settings, Prices prices, InstantSource clock) {
    this.prices = prices;
    this.caching = new PrefixCaching(settings.prefixCacheBlocks(), settings.prefixCacheTtl());
    this.latency = settings.latency();
    this.clock = clock;
  }

  Instant now() {
    return clock.instant();
  }

  Latency latency() {
    return latency;
  }

  void setLatency(Latency pace) {
    latency = pace;
  }

  /** How many times slower than others a flex call is. */
  int flexFactor() {
    return flexFactor;
  }

  void setFlexFactor(int factor) {
    flexFactor = factor;
  }

  long nextNumber() {
    return calls.incrementAndGet();
  }

  /** A call begins; the number of calls in flight with it. */
  int enter() {
    return inFlight.incrementAndGet();
  }

  int inFlight() {
    return inFlight.get();
  }

  void leave() {
    inFlight.decrementAndGet();
  }

  boolean isClosing() {
    return closing;
  }

  /** Ends all waiting, and forgets all files. */
  void close() {
    closing = true;
    files.close();
    messageFiles.close();
  }
}
