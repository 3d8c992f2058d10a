package io.penstock.policies.batch;

import io.penstock.policies.fingerprint.PrefixChain.Link;
import io.penstock.policies.prefix.Prompt;
import io.penstock.policies.prefix.PromptCaching;
import io.penstock.policies.prefix.PromptCaching.Offer;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which dispatches go through a window, and which straight to the workers. */
public record Windowing(PromptCaching caching, WindowRules rules, JobRules jobs) {

  /**
   * A window for a dispatch.
   *
   * @param name the same for all who share the shortest prefix that is cached at all, and so for a
   *     conversation however long it grows; a tenant's own, as hashes of prefixes are
   */
  public record Place(String name, Prompt prompt, Offer offer) {}

  /**
   * The window that a dispatch goes through; empty when it goes straight to the workers, as express
   * does, and whatever has no prefix that its provider would keep for others.
   */
  public Optional<Place> placeOf(
      InferenceRequest request, Lane lane, List<Candidate> plan, Instant now) {
    return rules.waits(lane) && request.getEndpoint() == Endpoint.CHAT
        ? caching.offer(request, plan, now).flatMap(offer -> place(request, offer))
        : Optional.empty();
  }

  /**
   * The window in which a dispatch waits until there is a job for a provider's batch API; empty
   * when it goes into none.
   *
   * @param attempts that its flight has seen
   * @param at when it is handed out
   */
  public Optional<String> jobOf(
      InferenceRequest request,
      Lane lane,
      List<Candidate> plan,
      Instant deadlineAt,
      int attempts,
      Instant at) {
    return attempts < jobs.attempts()
        ? jobs.windowOf(request, lane, plan, deadlineAt, at)
        : Optional.empty();
  }

  /** Whether a request that is dispatched now goes through a window of either kind. */
  public boolean gathers(InferenceRequest request, Lane lane, List<Candidate> plan, Instant now) {
    Instant deadlineAt = request.getDeadlineAt();
    return (deadlineAt != null && jobOf(request, lane, plan, deadlineAt, 0, now).isPresent())
        || placeOf(request, lane, plan, now).isPresent();
  }

  private static Optional<Place> place(InferenceRequest request, Offer offer) {
    if (request.getMessages().size() < 2 && !hasTools(request)) {
      return Optional.empty(); // Who says all in one breath shares nothing.
    }
    Prompt prompt = Prompt.of(request);
    List<Link> links = prompt.shareable(offer.profile());
    return links.isEmpty()
        ? Optional.empty()
        : Optional.of(new Place(offer.owner() + links.getFirst().hash(), prompt, offer));
  }

  private static boolean hasTools(InferenceRequest request) {
    return request.getOptions() != null && !request.getOptions().getTools().isEmpty();
  }
}
