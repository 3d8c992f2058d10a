package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.Json.quote;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Writes chat completions (docs/measurements.md, Providers §1.1 and §1.3). */
final class OpenAiAnswers {
  private OpenAiAnswers() {}

  static byte[] whole(Ask ask, Dialect.Told told) {
    List<String> choices = new ArrayList<>();
    for (Choice choice : told.answer().choices()) {
      choices.add(
          "{\"index\":"
              + choices.size()
              + ",\"message\":"
              + message(choice)
              + ",\"logprobs\":null,\"finish_reason\":"
              + finishReason(choice)
              + "}");
    }
    String json =
        head("chatcmpl-", "chat.completion", ask, told)
            + ",\"choices\":["
            + String.join(",", choices)
            + "]"
            + (ask.reportsUsage() ? ",\"usage\":" + usage(ask, told.use()) : "")
            + "}";
    return json.getBytes(StandardCharsets.UTF_8);
  }

  /** What is thought is not shown, only counted. */
  private static String message(Choice choice) {
    StringBuilder text = new StringBuilder();
    List<String> calls = new ArrayList<>();
    for (Part part : choice.parts()) {
      switch (part) {
        case Part.Reasoning _ -> {}
        case Part.Text(String said) -> text.append(said);
        case Part.Call call -> calls.add("{" + call(call, call.text()) + "}");
      }
    }
    String content = calls.isEmpty() || !text.isEmpty() ? quote(text.toString()) : "null";
    return "{\"role\":\"assistant\",\"content\":"
        + content
        + (calls.isEmpty() ? "" : ",\"tool_calls\":[" + String.join(",", calls) + "]")
        + ",\"refusal\":null,\"annotations\":[]}";
  }

  private static String call(Part.Call call, String arguments) {
    return "\"id\":"
        + quote("call_" + call.mark())
        + ",\"type\":\"function\",\"function\":{\"name\":"
        + quote(call.name())
        + ",\"arguments\":"
        + quote(arguments)
        + "}";
  }

  static List<Frame> stream(Ask ask, Dialect.Told told) {
    String head = head("chatcmpl-", "chat.completion.chunk", ask, told);
    String tail = ask.reportsUsage() ? ",\"usage\":null" : "";
    List<Frame> frames = new ArrayList<>();
    int index = 0;
    for (Choice choice : told.answer().choices()) {
      add(frames, choice, head + ",\"choices\":[{\"index\":" + index++ + ",\"delta\":", tail);
    }
    // Choices are generated side by side; what is ready at the same time keeps its order.
    frames.sort(Comparator.comparingInt(Frame::tokens));
    int all = told.answer().steps();
    if (ask.reportsUsage()) {
      String usage = head + ",\"choices\":[],\"usage\":" + usage(ask, told.use()) + "}";
      frames.add(new Frame(event(usage), all));
    }
    frames.add(new Frame(event("[DONE]"), all));
    return frames;
  }

  private static void add(List<Frame> frames, Choice choice, String head, String tail) {
    boolean calls = choice.parts().stream().anyMatch(Part.Call.class::isInstance);
    String content = calls ? "null" : "\"\"";
    String role = "{\"role\":\"assistant\",\"content\":" + content + ",\"refusal\":null}";
    frames.add(new Frame(chunk(head, role, "null", tail), 0));
    int before = (int) choice.parts().stream().filter(part -> !(part instanceof Part.Call)).count();
    for (Choice.Piece piece : choice.pieces()) {
      String delta =
          switch (choice.parts().get(piece.part())) {
            case Part.Reasoning _ -> "";
            case Part.Text _ ->
                piece.text().isEmpty() ? "" : "{\"content\":" + quote(piece.text()) + "}";
            case Part.Call call -> callDelta(call, piece, piece.part() - before);
          };
      if (!delta.isEmpty()) {
        frames.add(new Frame(chunk(head, delta, "null", tail), piece.tokens()));
      }
    }
    frames.add(new Frame(chunk(head, "{}", finishReason(choice), tail), choice.tokens()));
  }

  /** The first piece of a call names it, the others bring its arguments. */
  private static String callDelta(Part.Call call, Choice.Piece piece, int index) {
    return "{\"tool_calls\":[{\"index\":"
        + index
        + (piece.text().isEmpty()
            ? "," + call(call, "") + "}]}"
            : ",\"function\":{\"arguments\":" + quote(piece.text()) + "}}]}");
  }

  static String head(String prefix, String object, Ask ask, Dialect.Told told) {
    return "{\"id\":"
        + quote(prefix + told.id())
        + ",\"object\":"
        + quote(object)
        + ",\"created\":"
        + told.created().getEpochSecond()
        + ",\"model\":"
        + quote(ask.model().name())
        + (ask.tierSaid() == null ? "" : ",\"service_tier\":" + quote(ask.tierSaid()))
        + ",\"system_fingerprint\":\"fp_simulator\"";
  }

  private static String chunk(String head, String delta, String finishReason, String tail) {
    return event(
        head + delta + ",\"logprobs\":null,\"finish_reason\":" + finishReason + "}]" + tail + "}");
  }

  static String event(String data) {
    return "data: " + data + "\n\n";
  }

  static String finishReason(Choice choice) {
    return switch (choice.finish()) {
      case Finish.Done(), Finish.Stopped(String _) -> "\"stop\"";
      case Finish.Cut() -> "\"length\"";
      case Finish.Calling() -> "\"tool_calls\"";
    };
  }

  /** OpenAI counts what it read from and wrote to the cache inside the prompt. */
  static String usage(Ask ask, TokenUse use) {
    long prompt = use.totalInput();
    String written =
        ask.model().chargesForWrites() ? ",\"cache_write_tokens\":" + use.cacheWrite() : "";
    return "{\"prompt_tokens\":"
        + prompt
        + ",\"completion_tokens\":"
        + use.output()
        + ",\"total_tokens\":"
        + (prompt + use.output())
        + ",\"prompt_tokens_details\":{\"cached_tokens\":"
        + use.cacheRead()
        + written
        + ",\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":"
        + use.reasoning()
        + ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
        + "\"rejected_prediction_tokens\":0}}";
  }
}
