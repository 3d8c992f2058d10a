package io.penstock.ingress.providers;

import io.penstock.schemas.avro.Breaker;
import io.penstock.schemas.avro.ProviderState;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a model of a provider stands, by what all workers found: it can be called while one of them
 * calls it. What the provider would still take is as the worker heard that told us last: limits are
 * of the account, not of the worker.
 *
 * @param since when the first of the workers found it so
 * @param openUntil when it is tried again; null unless no worker calls it
 * @param reason of the last failure that opened a breaker which is not closed yet
 * @param confirmedAt when a worker told of it last
 * @param workers what each found, by their names
 */
public record ModelState(
    String provider,
    String model,
    Breaker breaker,
    Instant since,
    @Nullable Instant openUntil,
    @Nullable String reason,
    @Nullable Long remainingRequests,
    @Nullable Long remainingTokens,
    @Nullable Instant resetAt,
    Instant confirmedAt,
    List<Finding> workers) {

  /**
   * Puts together what the workers found of one model.
   *
   * @param findings one or more, of one model
   */
  static ModelState of(List<Finding> findings) {
    List<Finding> latestFirst =
        findings.stream()
            .sorted(Comparator.comparing((Finding each) -> each.state().getAt()).reversed())
            .toList();
    ProviderState latest = latestFirst.getFirst().state();
    Breaker breaker = breaker(findings);
    ProviderState told =
        latestFirst.stream()
            .map(Finding::state)
            .filter(s -> s.getRemainingRequests() != null || s.getRemainingTokens() != null)
            .findFirst()
            .orElse(latest);
    return new ModelState(
        latest.getProvider(),
        latest.getModel(),
        breaker,
        findings.stream()
            .filter(each -> each.state().getBreaker() == breaker)
            .map(Finding::since)
            .min(Comparator.naturalOrder())
            .orElse(latest.getAt()),
        breaker == Breaker.OPEN
            ? first(findings, ProviderState::getOpenUntil, Comparator.naturalOrder())
            : null,
        latestFirst.stream()
            .map(each -> each.state().getReason())
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null),
        told.getRemainingRequests(),
        told.getRemainingTokens(),
        told.getResetAt(),
        latest.getAt(),
        findings.stream().sorted(Comparator.comparing(each -> each.state().getWorker())).toList());
  }

  private static Breaker breaker(List<Finding> findings) {
    for (Breaker each : List.of(Breaker.CLOSED, Breaker.HALF_OPEN)) {
      if (findings.stream().anyMatch(finding -> finding.state().getBreaker() == each)) {
        return each;
      }
    }
    return Breaker.OPEN;
  }

  private static @Nullable Instant first(
      List<Finding> findings,
      Function<ProviderState, @Nullable Instant> field,
      Comparator<Instant> order) {
    return findings.stream()
        .map(finding -> field.apply(finding.state()))
        .filter(Objects::nonNull)
        .min(order)
        .orElse(null);
  }
}
