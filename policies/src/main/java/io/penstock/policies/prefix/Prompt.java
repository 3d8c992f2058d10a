package io.penstock.policies.prefix;

import io.penstock.policies.fingerprint.PrefixChain;
import io.penstock.policies.fingerprint.PrefixChain.Link;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.TextPart;
import java.util.List;

/**
 * What of a request matters to a prefix cache.
 *
 * @param chain its prefixes, shortest first; the last is all of it
 * @param messages how many it has
 * @param begun how many of them there are until somebody has said something
 * @param textOnly whether it is nothing but text
 * @param ownMarks whether its requester says what to cache
 */
public record Prompt(
    List<Link> chain, int messages, int begun, boolean textOnly, boolean ownMarks) {
  public Prompt {
    chain = List.copyOf(chain);
  }

  public static Prompt of(InferenceRequest request) {
    return new Prompt(
        PrefixChain.of(request),
        request.getMessages().size(),
        begun(request),
        request.getMessages().stream()
            .flatMap(message -> message.getParts().stream())
            .allMatch(TextPart.class::isInstance),
        OwnMarks.in(request));
  }

  private static int begun(InferenceRequest request) {
    int messages = 0;
    for (Message message : request.getMessages()) {
      messages++;
      if (message.getRole().equals("user")) {
        break;
      }
    }
    return messages;
  }

  /** The prefixes that others may share and that a cache keeps, shortest first. */
  public List<Link> shareable(CacheProfile profile) {
    return chain.stream()
        .filter(link -> link.messages() < messages && profile.keeps(link.length()))
        .toList();
  }
}
