package io.penstock.policies.budget;

import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.cost.TokenCeiling;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one call may cost at most, as far as anyone can tell before it is made: the dearest model of
 * the plan, all input at its dearest rate, as much output as was allowed.
 *
 * @param assumedOutput tokens, for requests that name no bound
 */
public record Ceiling(PriceCatalogue prices, int assumedOutput) {

  /**
   * Empty when nobody can tell: the price of some candidate is unknown, or the request lets the
   * provider search, fetch or run something.
   *
   * @param at now; a call may begin until the request's deadline
   */
  public Optional<Money> of(InferenceRequest request, List<Candidate> plan, Instant at) {
    Money dearest = Money.ZERO;
    for (Candidate candidate : plan) {
      Optional<Money> cost = of(request, candidate, at);
      if (cost.isEmpty()) {
        return Optional.empty();
      }
      dearest = cost.get().compareTo(dearest) > 0 ? cost.get() : dearest;
    }
    return Optional.of(dearest);
  }

  private Optional<Money> of(InferenceRequest request, Candidate candidate, Instant at) {
    Instant deadlineAt = request.getDeadlineAt();
    try {
      return TokenCeiling.of(request, candidate.getModel())
          .flatMap(most ->
              prices.atMost(
                  candidate.getProvider(),
                  candidate.getModel(),
                  request.getServiceTier(),
                  at,
                  deadlineAt == null || deadlineAt.isBefore(at) ? at : deadlineAt,
                  most.input(),
                  output(request) + most.beyondAnswers(),
                  most.plain()));
    } catch (ArithmeticException e) {
      return Optional.empty(); // More than there is money in the world.
    }
  }

  private long output(InferenceRequest request) {
    if (request.getEndpoint() == Endpoint.EMBEDDINGS) {
      return 0;
    }
    Integer bound = request.getMaxTokens();
    Options options = request.getOptions();
    long choices = options == null ? 1 : Math.max(1, options.getChoices());
    return choices * (bound == null ? assumedOutput : bound);
  }
}
