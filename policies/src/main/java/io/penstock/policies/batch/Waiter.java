package io.penstock.policies.batch;

import io.penstock.policies.fingerprint.PrefixChain.Link;
import io.penstock.policies.prefix.Prompt;
import io.penstock.policies.prefix.PromptCaching.Offer;
import io.penstock.schemas.avro.Lane;
import java.time.Instant;
import java.util.List;

/**
 * Who waits in a window.
 *
 * @param links the prefixes that others may share, shortest first; at least one
 * @param since when it was handed to the window
 * @param arrivedAt when the window first heard of it
 * @param deadlineAt when it is no longer wanted
 */
public record Waiter(
    String dispatchId,
    Lane lane,
    Prompt prompt,
    List<Link> links,
    Instant since,
    Instant arrivedAt,
    Instant deadlineAt) {

  public static Waiter of(
      String dispatchId,
      Lane lane,
      Prompt prompt,
      Offer offer,
      Instant since,
      Instant arrivedAt,
      Instant deadlineAt) {
    return new Waiter(
        dispatchId, lane, prompt, prompt.shareable(offer.profile()), since, arrivedAt, deadlineAt);
  }

  public Waiter {
    links = List.copyOf(links);
  }
}
