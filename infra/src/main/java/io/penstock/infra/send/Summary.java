package io.penstock.infra.send;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What became of many requests, as a table for people.
 *
 * @param calls provider calls in the ledger meanwhile; empty when the ledger does not say
 */
public record Summary(List<Outcome> outcomes, Duration took, OptionalLong calls) {

  /** Whether any request came to something. */
  public boolean success() {
    return outcomes.stream().anyMatch(outcome -> outcome.kind() != Outcome.Kind.FAILED);
  }

  /** Several lines, the last one ended. */
  public String table() {
    var text = new StringBuilder();
    text.append(
        "%d requests in %.1f s (%.0f/s)%n"
            .formatted(
                outcomes.size(),
                took.toMillis() / 1e3,
                outcomes.size() / Math.max(1e-3, took.toMillis() / 1e3)));
    counts().forEach((name, count) -> text.append("  %-28s %7d%n".formatted(name, count)));
    reason().ifPresent(sentence -> text.append("  %s%n".formatted(sentence)));
    text.append("  spent    %s%n".formatted(sum(Outcome::spent)));
    text.append("  avoided  %s%n".formatted(sum(Outcome::avoided)));
    text.append(
        "  latency  p50 %.1f ms, p95 %.1f ms, p99 %.1f ms%n"
            .formatted(percentile(0.50), percentile(0.95), percentile(0.99)));
    text.append(
        "  calls    %s provider calls in the ledger meanwhile%n"
            .formatted(calls.isPresent() ? calls.getAsLong() : "unknown"));
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

  private Optional<String> reason() {
    return outcomes.stream()
        .filter(outcome -> outcome.kind() == Outcome.Kind.FAILED)
        .map(Outcome::text)
        .filter(text -> !text.isBlank())
        .findFirst();
  }

  private String sum(Function<Outcome, Optional<BigDecimal>> amount) {
    List<Optional<BigDecimal>> amounts =
        outcomes.stream()
            .filter(outcome -> outcome.kind() == Outcome.Kind.ANSWERED)
            .map(amount)
            .toList();
    BigDecimal total =
        amounts.stream().flatMap(Optional::stream).reduce(BigDecimal.ZERO, BigDecimal::add);
    long unknown = amounts.stream().filter(Optional::isEmpty).count();
    String known = "$" + (total.signum() == 0 ? "0" : total.stripTrailingZeros().toPlainString());
    return unknown == 0 ? known : known + " + " + unknown + " unknown";
  }

  private double percentile(double share) {
    List<Duration> sorted = outcomes.stream().map(Outcome::took).sorted().toList();
    int index = (int) Math.min(sorted.size() - 1L, Math.round(share * (sorted.size() - 1)));
    return sorted.isEmpty() ? 0 : sorted.get(index).toNanos() / 1e6;
  }
}
