package io.penstock.policies.cost;

import io.penstock.policies.Reason;
import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns what happened into cost events: one per attempt for money spent, one per answer that
 * avoided a call. Event ids are deterministic and a later revision of the same id replaces an
 * earlier one, so that repeated or late news never counts twice (docs/measurements.md, Providers
 * §5).
 */
public record Costing(PriceCatalogue prices) {
  private static final int GUESSED = 1;
  private static final int KNOWN = 2;

  /** The model that a provider bills: the one its response named, or else the one asked for. */
  public static String billedModel(AttemptEnded ended) {
    String named = ended.getBilledModel();
    return named == null ? ended.getAttempt().getModel() : named;
  }

  /** The event for an attempt that ended. */
  public CostEvent spent(AttemptEnded ended, OutputMean mean) {
    Attempt attempt = ended.getAttempt();
    String model = billedModel(ended);
    Usage usage = ended.getUsage();
    if (usage != null) {
      return spent(attempt, model, Provenance.REPORTED, usage, KNOWN);
    }
    if (unbilled(ended)) {
      return event(attempt, model, Provenance.UNBILLED, null, null, 0L, KNOWN);
    }
    Usage estimate = TokenEstimate.of(attempt, mean).toUsage();
    return spent(attempt, model, Provenance.ESTIMATED, estimate, KNOWN);
  }

  /** The event for an attempt whose worker vanished; replaced if its end is heard of after all. */
  public CostEvent orphaned(Attempt attempt, OutputMean mean) {
    Usage estimate = TokenEstimate.of(attempt, mean).toUsage();
    return spent(attempt, attempt.getModel(), Provenance.ORPHANED, estimate, GUESSED);
  }

  /**
   * The event for an answer that cost no call. The baseline is the call that produced the stored
   * answer: the same model, its tokens as they were billed, at the price of {@code at}.
   *
   * @param fingerprint of the request: with its tenant, it tells apart requests whose producers
   *     chose the same id
   * @param cause anything but {@link Cause#PROVIDER}
   * @param at an instant that a second look at the same records finds again
   */
  public CostEvent avoided(
      InferenceRequest request,
      Lane lane,
      String fingerprint,
      CachedAnswer answer,
      Cause cause,
      Instant at) {
    Usage usage = answer.getUsage();
    Optional<Price> price = prices.find(answer.getProvider(), answer.getModel(), at);
    Money avoided = usage == null ? null : price.map(p -> p.of(Tokens.of(usage))).orElse(null);
    return new CostEvent(
        "answer:" + fingerprint + "/" + request.getId(),
        KNOWN,
        at,
        request.getTenant(),
        lane,
        request.getId(),
        null,
        request.getModel(),
        answer.getModel(),
        answer.getProvider(),
        cause,
        Provenance.REPORTED,
        usage,
        price.map(Price::version).orElse(null),
        0L,
        avoided == null ? null : avoided.pico(),
        request.getMetadata(),
        request.getKeyId(),
        answer.getServiceTier(),
        List.of());
  }

  private static boolean unbilled(AttemptEnded ended) {
    return ended.getOutcome() instanceof Failure failure
        && !Reason.ofCode(failure.getCode()).map(Reason::possiblyBilled).orElse(true);
  }

  private CostEvent spent(
      Attempt attempt, String model, Provenance provenance, Usage usage, int revision) {
    Optional<Price> price = prices.find(attempt.getProvider(), model, attempt.getStartedAt());
    return event(
        attempt,
        model,
        provenance,
        usage,
        price.map(Price::version).orElse(null),
        price.map(p -> p.of(Tokens.of(usage)).pico()).orElse(null),
        revision);
  }

  private static CostEvent event(
      Attempt attempt,
      String model,
      Provenance provenance,
      @Nullable Usage usage,
      @Nullable String ratesVersion,
      @Nullable Long spentPicoUsd,
      int revision) {
    return new CostEvent(
        "attempt:" + attempt.getId(),
        revision,
        attempt.getStartedAt(),
        attempt.getTenant(),
        attempt.getLane(),
        attempt.getRequestId(),
        attempt.getId(),
        attempt.getRequestedModel(),
        model,
        attempt.getProvider(),
        Cause.PROVIDER,
        provenance,
        usage,
        ratesVersion,
        spentPicoUsd,
        0L,
        attempt.getMetadata(),
        attempt.getKeyId(),
        null,
        List.of());
  }
}
