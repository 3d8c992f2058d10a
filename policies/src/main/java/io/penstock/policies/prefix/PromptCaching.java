package io.penstock.policies.prefix;

import io.penstock.policies.cost.Price;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.cost.Rates;
import io.penstock.policies.prefix.Caching.Decision;
import io.penstock.policies.prefix.Caching.Known;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.PromptCache;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the first candidate of a plan is told of its prefix cache. The others are told nothing: they
 * are asked when the first has failed, and what they have in their caches is not what was learnt.
 *
 * @param automatic whether anybody is told anything
 */
public record PromptCaching(PriceCatalogue prices, boolean automatic) {

  /**
   * Decides for a request that is about to be dispatched.
   *
   * @param known what was learnt, by names that are the model's and the tenant's own
   * @return with what is learnt from it, by such names
   */
  public Decision decide(
      InferenceRequest request,
      List<Candidate> plan,
      Function<String, @Nullable Known> known,
      Instant now) {
    Optional<Offer> offered = offer(request, plan, now);
    if (offered.isEmpty()) {
      return Caching.UNTOLD;
    }
    String owner = offered.get().owner();
    Decision decision =
        Caching.decide(
            request,
            offered.get().profile(),
            Optional.of(offered.get().terms()),
            hash -> known.apply(owner + hash),
            now);
    Map<String, Known> learnt = new LinkedHashMap<>();
    decision.learnt().forEach((hash, of) -> learnt.put(owner + hash, of));
    return new Decision(decision.cache(), learnt);
  }

  /**
   * What the first candidate of a plan offers.
   *
   * @param owner whose cache it is: a beginning of names
   */
  public record Offer(String owner, CacheProfile profile, CacheTerms terms) {}

  /** What the first candidate of a plan offers; empty where nothing is told or known. */
  public Optional<Offer> offer(InferenceRequest request, List<Candidate> plan, Instant now) {
    if (!automatic || plan.isEmpty()) {
      return Optional.empty();
    }
    Candidate first = plan.getFirst();
    return prices
        .find(first.getProvider(), first.getModel(), request.getServiceTier(), now)
        .map(Price::base)
        .flatMap(rates -> offer(first, rates));
  }

  private static Optional<Offer> offer(Candidate first, Rates rates) {
    CacheProfile profile = CacheProfile.of(first.getProvider(), first.getModel(), rates);
    return profile.style() == CacheStyle.NONE
        ? Optional.empty()
        : CacheTerms.of(rates)
            .map(terms ->
                new Offer(first.getProvider() + "/" + first.getModel() + "/", profile, terms));
  }

  /** A decision in one word, for metrics. */
  public static String word(@Nullable PromptCache cache) {
    if (cache == null) {
      return "nothing";
    }
    if (cache.getOff()) {
      return "write_nothing";
    }
    return cache.getBreakpoints().isEmpty() ? "key" : "marks";
  }
}
