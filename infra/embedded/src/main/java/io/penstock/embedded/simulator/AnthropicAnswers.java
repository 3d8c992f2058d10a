package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.Json.quote;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Writes messages (docs/measurements.md, Providers §2.1 and §2.2). */
final class AnthropicAnswers {
  private static final Choice NOTHING = new Choice(List.of(), new Finish.Done());

  private AnthropicAnswers() {}

  static byte[] whole(Ask ask, Dialect.Told told) {
    Choice choice = told.answer().choices().getFirst();
    List<String> blocks = new ArrayList<>();
    choice.parts().forEach(part -> blocks.add(block(part)));
    String content = "[" + String.join(",", blocks) + "]";
    return message(ask, told, content, choice, quote(stopReason(choice)), told.use().output())
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String block(Part part) {
    return switch (part) {
      case Part.Reasoning(String text) ->
          "{\"type\":\"thinking\",\"thinking\":"
              + quote(text)
              + ",\"signature\":"
              + quote(signature(text))
              + "}";
      case Part.Text(String text) -> "{\"type\":\"text\",\"text\":" + quote(text) + "}";
      case Part.Call call -> call(call, call.whole() ? call.text() : "{}");
    };
  }

  private static String call(Part.Call call, String input) {
    return "{\"type\":\"tool_use\",\"id\":"
        + quote("toolu_" + call.mark())
        + ",\"name\":"
        + quote(call.name())
        + ",\"input\":"
        + input
        + "}";
  }

  /** What proves that a thought is the model's own: anything that depends on the thought. */
  private static String signature(String thought) {
    long hash = Digest.of("signature", thought.getBytes(StandardCharsets.UTF_8));
    ByteBuffer bytes = ByteBuffer.allocate(4 * Long.BYTES);
    for (int n = 0; n < 4; n++) {
      bytes.putLong(Digest.scatter(hash + n));
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  static List<Frame> stream(Ask ask, Dialect.Told told) {
    Choice choice = told.answer().choices().getFirst();
    List<Frame> frames = new ArrayList<>();
    String start = message(ask, told, "[]", NOTHING, "null", 1);
    frames.add(frame("message_start", "\"message\":" + start, 0));
    int open = -1;
    int ready = 0;
    for (Choice.Piece piece : choice.pieces()) {
      Part part = choice.parts().get(piece.part());
      if (piece.text().isEmpty()) {
        close(frames, choice, open, ready);
        open = piece.part();
        frames.add(frame("content_block_start", start(open, part), piece.tokens()));
        if (open == 0) {
          frames.add(frame("ping", "", piece.tokens()));
        }
      } else {
        frames.add(delta(open, delta(part, piece.text()), piece.tokens()));
      }
      ready = piece.tokens();
    }
    int all = choice.tokens();
    close(frames, choice, open, all);
    String end =
        "\"delta\":{\"stop_reason\":"
            + quote(stopReason(choice))
            + ",\"stop_sequence\":"
            + stopSequence(choice)
            + "}"
            + (ask.reportsUsage()
                ? ",\"usage\":" + usage(ask, told.use(), told.use().output())
                : "");
    frames.add(frame("message_delta", end, all));
    frames.add(frame("message_stop", "", all));
    return frames;
  }

  private static String start(int index, Part part) {
    String block =
        switch (part) {
          case Part.Reasoning _ -> "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}";
          case Part.Text _ -> "{\"type\":\"text\",\"text\":\"\"}";
          case Part.Call call -> call(call, "{}");
        };
    return "\"index\":" + index + ",\"content_block\":" + block;
  }

  private static String delta(Part part, String text) {
    return switch (part) {
      case Part.Reasoning _ -> "{\"type\":\"thinking_delta\",\"thinking\":" + quote(text) + "}";
      case Part.Text _ -> "{\"type\":\"text_delta\",\"text\":" + quote(text) + "}";
      case Part.Call _ -> "{\"type\":\"input_json_delta\",\"partial_json\":" + quote(text) + "}";
    };
  }

  private static Frame delta(int index, String delta, int tokens) {
    return frame("content_block_delta", "\"index\":" + index + ",\"delta\":" + delta, tokens);
  }

  private static void close(List<Frame> frames, Choice choice, int index, int tokens) {
    if (index < 0) {
      return;
    }
    if (choice.parts().get(index) instanceof Part.Reasoning(String thought)) {
      String signature =
          "{\"type\":\"signature_delta\",\"signature\":" + quote(signature(thought)) + "}";
      frames.add(delta(index, signature, tokens));
    }
    frames.add(frame("content_block_stop", "\"index\":" + index, tokens));
  }

  private static Frame frame(String event, String fields, int tokens) {
    String data = "{\"type\":" + quote(event) + (fields.isEmpty() ? "" : "," + fields) + "}";
    return new Frame(event(event, data), tokens);
  }

  static String event(String name, String data) {
    return "event: " + name + "\ndata: " + data + "\n\n";
  }

  private static String message(
      Ask ask, Dialect.Told told, String content, Choice choice, String stopReason, long output) {
    return "{\"id\":"
        + quote("msg_" + told.id())
        + ",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
        + quote(ask.model().name())
        + ",\"content\":"
        + content
        + ",\"stop_reason\":"
        + stopReason
        + ",\"stop_sequence\":"
        + stopSequence(choice)
        + (ask.reportsUsage() ? ",\"usage\":" + usage(ask, told.use(), output) : "")
        + "}";
  }

  private static String stopReason(Choice choice) {
    return switch (choice.finish()) {
      case Finish.Done() -> "end_turn";
      case Finish.Cut() -> "max_tokens";
      case Finish.Calling() -> "tool_use";
      case Finish.Stopped(String _) -> "stop_sequence";
    };
  }

  private static String stopSequence(Choice choice) {
    return choice.finish() instanceof Finish.Stopped(String sequence) ? quote(sequence) : "null";
  }

  /** Anthropic counts what it read from and wrote to the cache beside the input. */
  private static String usage(Ask ask, TokenUse use, long output) {
    return "{\"input_tokens\":"
        + use.input()
        + ",\"cache_creation_input_tokens\":"
        + (use.cacheWrite() + use.cacheWriteLong())
        + ",\"cache_read_input_tokens\":"
        + use.cacheRead()
        + ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":"
        + use.cacheWrite()
        + ",\"ephemeral_1h_input_tokens\":"
        + use.cacheWriteLong()
        + "},\"output_tokens\":"
        + output
        + ",\"server_tool_use\":null"
        + (ask.tierSaid() == null ? "" : ",\"service_tier\":" + quote(ask.tierSaid()))
        + "}";
  }
}
