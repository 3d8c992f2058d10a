package io.penstock.embedded.simulator;

import java.time.Duration;

/**
 * How a {@link Simulator} is set up. A value out of range is an {@link IllegalArgumentException}
 * that names it and its remedy.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 takes a free one
 * @param latency how long answers take at first; {@code POST /admin/latency} changes it
 * @param prefixCacheTtl how long an unused prefix stays readable where the caller cannot say
 * @param prefixCacheBlocks the most prefixes kept for each model, the least recently used go first
 */
public record SimulatorSettings(
    String host, int port, Latency latency, Duration prefixCacheTtl, int prefixCacheBlocks) {
  private static final int HIGHEST_PORT = 65_535;

  public SimulatorSettings {
    if (host.isBlank()) {
      throw new IllegalArgumentException("host is blank: give an address such as 127.0.0.1");
    }
    if (port < 0 || port > HIGHEST_PORT) {
      throw new IllegalArgumentException(
          "port is " + port + ": give one from 1 to " + HIGHEST_PORT + ", or 0 for a free one");
    }
    if (prefixCacheTtl.isNegative() || prefixCacheTtl.isZero()) {
      throw new IllegalArgumentException(
          "prefixCacheTtl is " + prefixCacheTtl + ": give a duration above zero");
    }
    if (prefixCacheBlocks < 1) {
      throw new IllegalArgumentException(
          "prefixCacheBlocks is " + prefixCacheBlocks + ": give a number above zero");
    }
  }

  /** Loopback, a free port, modest latency, prefixes for five minutes as OpenAI keeps them. */
  public static SimulatorSettings defaults() {
    return new SimulatorSettings("127.0.0.1", 0, Latency.MODEST, Duration.ofMinutes(5), 65_536);
  }

  public SimulatorSettings withHost(String address) {
    return new SimulatorSettings(address, port, latency, prefixCacheTtl, prefixCacheBlocks);
  }

  public SimulatorSettings withPort(int number) {
    return new SimulatorSettings(host, number, latency, prefixCacheTtl, prefixCacheBlocks);
  }

  public SimulatorSettings withLatency(Latency pace) {
    return new SimulatorSettings(host, port, pace, prefixCacheTtl, prefixCacheBlocks);
  }
}
