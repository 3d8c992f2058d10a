package io.penstock.policies.cost;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Usage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns what happened into cost events: one per attempt for money spent, one per answer that
 * avoided a call. Event ids are deterministic and a later revision of the same id replaces an
 * earlier one, so that repeated or late news never counts twice (docs/measurements.md, Providers
 * §5).
 */
public record Costing(PriceCatalogue prices) {

  /** The model that a provider bills: the one its response named, or else the one asked for. */
  public static String billedModel(AttemptEnded ended) {
    String named = ended.getBilledModel();
    return named == null ? ended.getAttempt().getModel() : named;
  }

  /** The service tier that a provider bills: the one its response named, or the one asked for. */
  public static @Nullable String billedTier(AttemptEnded ended) {
    String named = ended.getServiceTier();
    return named == null ? ended.getAttempt().getServiceTier() : named;
  }

  /** The event for an attempt that ended. */
  public CostEvent spent(AttemptEnded ended, OutputMean mean) {
    return spent(
        ended.getAttempt(),
        billedModel(ended),
        billedTier(ended),
        Evidence.of(ended, mean),
        Revisions.KNOWN);
  }

  /** The event for an attempt whose worker vanished; replaced if its end is heard of after all. */
  public CostEvent orphaned(Attempt attempt, OutputMean mean) {
    return spent(
        attempt,
        attempt.getModel(),
        attempt.getServiceTier(),
        Evidence.orphaned(TokenEstimate.of(attempt, mean).toUsage()),
        Revisions.GUESSED);
  }

  /**
   * The event for an answer that cost no call. The baseline is the call that produced the stored
   * answer: the same model and service tier, its tokens as they were billed (what the provider's
   * own cache saved then is not counted as ours), at the price of {@code at}.
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
    Bill bill =
        usage == null
            ? Bill.UNKNOWN
            : Bill.of(
                prices,
                answer.getProvider(),
                answer.getModel(),
                answer.getServiceTier(),
                usage,
                at);
    return new CostEvent(
        "answer:" + fingerprint + "/" + request.getId(),
        Revisions.KNOWN,
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
        bill.ratesVersion(),
        0L,
        bill.pico(),
        request.getMetadata(),
        request.getKeyId(),
        tier(answer.getServiceTier()),
        bill.noted(List.of()));
  }

  private CostEvent spent(
      Attempt attempt, String model, @Nullable String tier, Evidence evidence, int revision) {
    Usage usage = evidence.usage();
    Bill bill =
        usage == null
            ? Bill.NOTHING
            : Bill.of(prices, attempt.getProvider(), model, tier, usage, attempt.getStartedAt());
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
        evidence.provenance(),
        usage,
        bill.ratesVersion(),
        bill.pico(),
        0L,
        attempt.getMetadata(),
        attempt.getKeyId(),
        tier(tier),
        bill.noted(evidence.notes()));
  }

  /** One word for one tier, whatever a provider calls it; null where nobody named one. */
  private static @Nullable String tier(@Nullable String named) {
    return named == null ? null : ServiceTier.of(named);
  }
}
