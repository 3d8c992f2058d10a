package io.penstock.infra.send;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What became of many requests, as a table for people. */
final class Summary {
  private final List<Outcome> outcomes;
  private final Duration took;

  Summary(List<Outcome> outcomes, Duration took) {
    this.outcomes = outcomes;
    this.took = took;
  }

  String table() {
    var text = new StringBuilder();
    text.append(
        "%d requests in %.1f s (%.0f/s)%n"
            .formatted(
                outcomes.size(),
                took.toMillis() / 1e3,
                outcomes.size() / Math.max(1e-3, took.toMillis() / 1e3)));
    counts().forEach((name, count) -> text.append("  %-28s %7d%n".formatted(name, count)));
    text.append("  spent    $%s%n".formatted(sum(Outcome::spent)));
    text.append("  avoided  $%s%n".formatted(sum(Outcome::avoided)));
    text.append(
        "  latency  p50 %.1f ms, p95 %.1f ms, p99 %.1f ms%n"
            .formatted(percentile(0.50), percentile(0.95), percentile(0.99)));
    return text.toString();
  }

  private Map<String, Long> counts() {
    return outcomes.stream()
        .collect(Collectors.groupingBy(Summary::name, TreeMap::new, Collectors.counting()));
  }

  private static String name(Outcome outcome) {
    return switch (outcome.kind()) {
      case ANSWERED -> "answered by " + outcome.detail();
      case ACCEPTED -> "accepted, not answered yet";
      case FAILED -> "failed: " + outcome.detail();
    };
  }

  private String sum(Function<Outcome, BigDecimal> amount) {
    BigDecimal total = outcomes.stream().map(amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    return total.signum() == 0 ? "0" : total.stripTrailingZeros().toPlainString();
  }

  private double percentile(double share) {
    List<Duration> sorted = outcomes.stream().map(Outcome::took).sorted().toList();
    int index = (int) Math.min(sorted.size() - 1L, Math.round(share * (sorted.size() - 1)));
    return sorted.isEmpty() ? 0 : sorted.get(index).toNanos() / 1e6;
  }
}
