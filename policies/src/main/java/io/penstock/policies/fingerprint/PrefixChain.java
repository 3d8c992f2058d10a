package io.penstock.policies.fingerprint;

import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.Tool;
import java.util.ArrayList;
import java.util.List;

/**
 * Hashes of the prefixes of a prompt, each with all that stands before it, so that a shared prefix
 * is a shared hash: behind the tools, then behind each message, as providers read a prompt. The
 * tenant is in every hash, so that nothing that is named after one tells tenants of each other.
 */
public final class PrefixChain {
  private PrefixChain() {}

  /**
   * One prefix.
   *
   * @param messages how many messages it ends behind; 0 behind the tools
   * @param length about how many bytes of text it has
   */
  public record Link(String hash, int messages, long length) {}

  /** The prefixes of a request, shortest first. Without tools there is none behind them. */
  public static List<Link> of(InferenceRequest request) {
    var links = new ArrayList<Link>(request.getMessages().size() + 1);
    var chain = new LengthPrefixedDigest().add("prefix").add(request.getTenant());
    long length = 0;
    Options options = request.getOptions();
    if (options != null) {
      around(chain, options);
    }
    if (options != null && !options.getTools().isEmpty()) {
      for (Tool tool : options.getTools()) {
        String text = CanonicalText.of(tool);
        chain.add(text);
        length += text.length();
      }
      links.add(new Link(chain.hexSoFar(), 0, length));
    }
    int messages = 0;
    for (Message message : request.getMessages()) {
      String text = message.getParts().isEmpty() ? message.getContent() : CanonicalText.of(message);
      chain.add(message.getRole()).add(text);
      length += text.length();
      links.add(new Link(chain.hexSoFar(), ++messages, length));
    }
    return links;
  }

  /** What providers put before a prompt, or keep prompts apart by, though it is no part of it. */
  private static void around(LengthPrefixedDigest chain, Options options) {
    if (options.getResponseFormat() != null) {
      chain.add("format").add(CanonicalText.of(options.getResponseFormat()));
    }
    if (options.getReasoningEffort() != null) {
      chain.add("effort").add(options.getReasoningEffort());
    }
  }
}
