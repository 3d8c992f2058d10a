package io.penstock.policies.cost;

import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a call probably used, for the cases in which nobody told us: never used where a provider
 * reported usage. Four bytes of text are about one token, whatever it says and in whatever form;
 * output is guessed at the model's mean so far.
 */
public final class TokenEstimate {
  private static final int BYTES_PER_TOKEN = 4;
  private static final int TOKENS_PER_MESSAGE = 4;

  private TokenEstimate() {}

  /**
   * Input tokens of a whole request: its turns, its tools, its images, or what is to be embedded.
   *
   * @param model that is to read it
   */
  public static long input(InferenceRequest request, String model) {
    Options options = request.getOptions();
    return input(request.getMessages(), model)
        + text(request.getInput())
        + (options == null ? 0 : options(options));
  }

  /** Input tokens of a conversation. */
  public static long input(List<Message> messages) {
    return input(messages, "");
  }

  private static long input(List<Message> messages, String model) {
    long tokens = 0;
    for (Message message : messages) {
      tokens += TOKENS_PER_MESSAGE + text(message.getContent()) + parts(message.getParts(), model);
    }
    return tokens;
  }

  private static long options(Options options) {
    long tokens = 0;
    for (Tool tool : options.getTools()) {
      tokens +=
          text(tool.getName())
              + text(tool.getDescription())
              + text(tool.getParameters())
              + text(tool.getRaw());
    }
    ResponseFormat format = options.getResponseFormat();
    return format == null ? tokens : tokens + text(format.getSchema$());
  }

  private static long parts(List<?> parts, String model) {
    return parts.stream().mapToLong(part -> part(part, model)).sum();
  }

  private static long part(Object part, String model) {
    return switch (part) {
      case TextPart text -> text(text.getText());
      case ImagePart image -> ImageEstimate.tokens(image, model);
      case ToolCall call -> text(call.getName()) + text(call.getArguments());
      case ToolResult result -> parts(result.getContent(), model);
      case Reasoning thought -> text(thought.getText()) + text(thought.getRedacted());
      case RawPart raw -> text(raw.getJson());
      default -> throw new IllegalArgumentException("no part of a message: " + part.getClass());
    };
  }

  private static long text(@Nullable String text) {
    return text == null
        ? 0
        : Math.ceilDiv(text.getBytes(StandardCharsets.UTF_8).length, BYTES_PER_TOKEN);
  }

  /** All tokens of an attempt whose usage never reached us. */
  public static Tokens of(Attempt attempt, OutputMean mean) {
    Integer most = attempt.getMaxTokens();
    long output = most == null ? mean.tokens() : Math.min(most, mean.tokens());
    return Tokens.plain(attempt.getEstimatedInput(), output);
  }
}
