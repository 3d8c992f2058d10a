package io.penstock.policies.budget;

import io.penstock.policies.cost.Price;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.cost.TokenEstimate;
import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one call may cost at most, as far as anyone can tell before it is made: the dearest model of
 * the plan, all input at its dearest rate, as much output as was allowed.
 *
 * @param assumedOutput tokens, for requests that name no bound
 */
public record Ceiling(PriceCatalogue prices, int assumedOutput) {
  // Of text that nobody has counted, half its bytes are more tokens than any usual language makes.
  private static final int MORE_THAN_ESTIMATED = 2;

  /** Empty when the price of some candidate is unknown. */
  public Optional<Money> of(InferenceRequest request, List<Candidate> plan, Instant at) {
    Money dearest = Money.ZERO;
    for (Candidate candidate : plan) {
      Optional<Price> price = prices.find(candidate.getProvider(), candidate.getModel(), at);
      if (price.isEmpty()) {
        return Optional.empty();
      }
      Money cost = of(request, price.get());
      dearest = cost.compareTo(dearest) > 0 ? cost : dearest;
    }
    return Optional.of(dearest);
  }

  private Money of(InferenceRequest request, Price price) {
    long input = MORE_THAN_ESTIMATED * TokenEstimate.input(request.getMessages());
    long output = output(request);
    return Stream.of(
            Tokens.plain(input, output),
            new Tokens(0, 0, input, 0, output, 0, Tokens.Special.NONE),
            new Tokens(0, 0, 0, input, output, 0, Tokens.Special.NONE))
        .map(price::of)
        .max(Money::compareTo)
        .orElse(Money.ZERO);
  }

  private long output(InferenceRequest request) {
    if (request.getEndpoint() == Endpoint.EMBEDDINGS) {
      return 0;
    }
    Integer bound = request.getMaxTokens();
    Options options = request.getOptions();
    long choices = options == null ? 1 : options.getChoices();
    return choices * (bound == null ? assumedOutput : bound);
  }
}
