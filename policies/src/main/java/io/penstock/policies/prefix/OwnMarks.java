package io.penstock.policies.prefix;

import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether a requester says what to cache: whoever does knows better than we. */
public final class OwnMarks {
  private static final List<String> FIELDS = List.of("\"prompt_cache_", "\"cache_control\"");

  private OwnMarks() {}

  /** Whether a request has a mark, a key or an option of its requester. */
  public static boolean in(InferenceRequest request) {
    Options options = request.getOptions();
    return speaks(request.getAsides())
        || (options != null
            && (speaks(options.getExtra())
                || options.getTools().stream().anyMatch(tool -> tool.getCacheFor() != null)))
        || request.getMessages().stream()
            .flatMap(message -> message.getParts().stream())
            .flatMap(OwnMarks::marks)
            .anyMatch(Objects::nonNull);
  }

  private static boolean speaks(@Nullable String json) {
    return json != null && FIELDS.stream().anyMatch(json::contains);
  }

  private static Stream<@Nullable String> marks(Object part) {
    return switch (part) {
      case TextPart text -> Stream.of(text.getCacheFor());
      case ImagePart image -> Stream.of(image.getCacheFor());
      case ToolCall call -> Stream.of(call.getCacheFor());
      case ToolResult result -> Stream.of(result.getCacheFor());
      case RawPart raw -> Stream.of(raw.getCacheFor());
      default -> Stream.empty();
    };
  }
}
