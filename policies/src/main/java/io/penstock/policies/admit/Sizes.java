package io.penstock.policies.admit;

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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much a request says, in bytes of UTF-8: all text of it, whoever wrote it. */
final class Sizes {
  private Sizes() {}

  static long of(InferenceRequest request) {
    long bytes = of(request.getInput()) + of(request.getAsides()) + of(request.getOptions());
    for (Message turn : request.getMessages()) {
      bytes += of(turn.getContent()) + of(turn.getName()) + ofParts(turn.getParts());
    }
    return bytes;
  }

  private static long of(@Nullable Options options) {
    if (options == null) {
      return 0;
    }
    long bytes = of(options.getExtra()) + of(options.getResponseFormat());
    for (Tool tool : options.getTools()) {
      bytes +=
          of(tool.getName())
              + of(tool.getDescription())
              + of(tool.getParameters())
              + of(tool.getRaw());
    }
    for (String stop : options.getStop()) {
      bytes += of(stop);
    }
    return bytes;
  }

  private static long of(@Nullable ResponseFormat format) {
    return format == null
        ? 0
        : of(format.getName()) + of(format.getSchema$()) + of(format.getDescription());
  }

  private static long ofParts(List<?> parts) {
    long bytes = 0;
    for (Object part : parts) {
      bytes += ofPart(part);
    }
    return bytes;
  }

  private static long ofPart(Object part) {
    return switch (part) {
      case TextPart text -> of(text.getText());
      case ImagePart image -> of(image.getUrl());
      case ToolCall call -> of(call.getId()) + of(call.getName()) + of(call.getArguments());
      case ToolResult result -> of(result.getCallId()) + ofParts(result.getContent());
      case Reasoning thought ->
          of(thought.getText()) + of(thought.getSignature()) + of(thought.getRedacted());
      case RawPart raw -> of(raw.getType()) + of(raw.getJson());
      default -> throw new IllegalStateException("a new kind of part: " + part.getClass());
    };
  }

  private static long of(@Nullable String text) {
    return text == null ? 0 : Utf8.length(text);
  }
}
