package io.penstock.workers.provider;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import org.jspecify.annotations.Nullable;

/**
 * Our own count of what was sent and received: an estimate, for calls whose usage nobody told.
 * Hidden reasoning is not in it, which may be nine tenths of an output.
 */
final class TokenCount {
  private static final int CHARACTERS_PER_TOKEN = 4;
  private static final int TOKENS_PER_MESSAGE = 4;

  // Encoding a long text takes a while, and the beginning tells what the rest is like.
  private static final int SAMPLE = 256 * 1024;

  /** Made when it is first needed: it takes a third of a second and some twenty megabytes. */
  private static final class O200k {
    static final Encoding ENCODING =
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
  }

  private TokenCount() {}

  /**
   * The tokens of a call.
   *
   * @param reported what the provider told of it; then the input is as told
   * @param received all that a reader saw of the answer
   */
  static Tokens of(Inquiry inquiry, @Nullable Tokens reported, String received) {
    Dialect dialect = inquiry.provider().dialect();
    long output = tokens(dialect, received);
    if (reported == null) {
      return Tokens.plain(input(inquiry, dialect), output);
    }
    var special = reported.special();
    return new Tokens(
        reported.uncachedInput(),
        reported.cacheRead(),
        reported.cacheWrite(),
        reported.cacheWriteLong(),
        Math.max(output, reported.output()),
        reported.reasoning(),
        special);
  }

  private static long input(Inquiry inquiry, Dialect dialect) {
    if (inquiry.request().getInput() != null) {
      return tokens(dialect, inquiry.request().getInput());
    }
    var sent = new StringBuilder();
    inquiry
        .options()
        .getTools()
        .forEach(tool ->
            sent.append(tool.getName())
                .append(tool.getDescription() == null ? "" : tool.getDescription())
                .append(tool.getParameters() == null ? "" : tool.getParameters()));
    for (Message message : inquiry.request().getMessages()) {
      sent.append(message.getContent());
      message.getParts().forEach(part -> append(sent, part));
    }
    return (long) TOKENS_PER_MESSAGE * inquiry.request().getMessages().size()
        + tokens(dialect, sent.toString());
  }

  private static void append(StringBuilder sent, Object part) {
    switch (part) {
      case TextPart text -> sent.append(text.getText());
      case ToolCall call -> sent.append(call.getName()).append(call.getArguments());
      case ToolResult result -> result.getContent().forEach(each -> append(sent, each));
      default -> {} // What an image takes cannot be told from here.
    }
  }

  private static long tokens(Dialect dialect, String text) {
    return switch (dialect) {
      case OpenAiDialect openAi -> {
        String sample = text.length() <= SAMPLE ? text : text.substring(0, SAMPLE);
        long tokens = O200k.ENCODING.countTokensOrdinary(sample);
        yield text.length() <= SAMPLE
            ? tokens
            : Math.round((double) tokens * text.length() / SAMPLE);
      }
      case AnthropicDialect anthropic -> Math.ceilDiv(text.length(), CHARACTERS_PER_TOKEN);
    };
  }
}
