package io.penstock.embedded.simulator;

import java.time.Duration;

/** Durations as Prometheus counts them, in vLLM's buckets for the first token. For any thread. */
final class Histogram {
  private static final double[] SECONDS = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
    80, 160, 640, 2560
  };

  /** How many fell into each bucket and none before; the last are beyond all of them. */
  private final long[] counts = new long[SECONDS.length + 1];

  private double sum;

  synchronized void add(Duration duration, long times) {
    double seconds = duration.toNanos() / 1e9;
    int bucket = 0;
    while (bucket < SECONDS.length && seconds > SECONDS[bucket]) {
      bucket++;
    }
    counts[bucket] += times;
    sum += seconds * times;
  }

  /** Adds its lines, with the one that names its type. */
  synchronized void print(String name, StringBuilder text) {
    text.append("# TYPE ").append(name).append(" histogram\n");
    long all = 0;
    for (int bucket = 0; bucket < counts.length; bucket++) {
      all += counts[bucket];
      String bound = bucket < SECONDS.length ? Double.toString(SECONDS[bucket]) : "+Inf";
      line(text, name + "_bucket", ",le=\"" + bound + "\"", Long.toString(all));
    }
    line(text, name + "_count", "", Long.toString(all));
    line(text, name + "_sum", "", Double.toString(sum));
  }

  private static void line(StringBuilder text, String name, String label, String value) {
    text.append(name).append("{engine=\"0\"").append(label).append("} ").append(value).append('\n');
  }
}
