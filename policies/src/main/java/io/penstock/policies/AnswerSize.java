package io.penstock.policies;

import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How much an answer takes in a record, in bytes. Text counts as often as it is written: an answer
 * in parts has its text twice, as a whole and in its text parts.
 */
public final class AnswerSize {
  /** What a record of the largest kind has room for beside its key, its headers and an envelope. */
  public static final long LARGEST = Limits.LARGEST_RECORD_BYTES - 128L * 1024;

  // Lengths, tags and defaults of one part or answer.
  private static final long FRAMING = 64;

  private AnswerSize() {}

  /** Whether results, responses and the cache can carry it. */
  public static boolean fits(Answer answer) {
    return of(answer) <= LARGEST;
  }

  static long of(Answer answer) {
    long bytes =
        FRAMING
            + of(answer.getText())
            + of(answer.getFinishReason())
            + of(answer.getStopSequence())
            + of(answer.getRefusal())
            + of(answer.getLogprobs())
            + of(answer.getPayload());
    for (String dropped : answer.getDropped()) {
      bytes += of(dropped);
    }
    for (Object part : answer.getParts()) {
      bytes += FRAMING + ofPart(part);
    }
    for (Answer other : answer.getOthers()) {
      bytes += of(other);
    }
    return bytes;
  }

  private static long ofPart(Object part) {
    return switch (part) {
      case TextPart text -> of(text.getText());
      case Reasoning thought ->
          of(thought.getText()) + of(thought.getSignature()) + of(thought.getRedacted());
      case ToolCall call -> of(call.getId()) + of(call.getName()) + of(call.getArguments());
      case RawPart raw -> of(raw.getType()) + of(raw.getJson());
      default -> throw new IllegalStateException("a new kind of part: " + part.getClass());
    };
  }

  private static long of(@Nullable String text) {
    return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
  }
}
