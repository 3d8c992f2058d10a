package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.Json.quote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** OpenAI chat completions (docs/measurements.md, Providers §1.1, §1.3, §1.4). */
final class OpenAiDialect implements Dialect {
  private static final double HOTTEST = 2;

  @Override
  public String path() {
    return "/v1/chat/completions";
  }

  @Override
  public String idHeader() {
    return "x-request-id";
  }

  @Override
  public Ask read(CallBody body, PricedModel model, Function<String, Optional<String>> headers)
      throws WrongRequestException {
    Prompt prompt = OpenAiPrompt.of(body);
    body.checkTemperature(HOTTEST);
    checkChoices(body);
    boolean stream = body.flag("stream");
    boolean asksForUsage =
        CallBody.flag(
            body.get("stream_options").path("include_usage"), "stream_options.include_usage");
    return new Ask(
        model, prompt, caching(body, model), limit(body), stream, !stream || asksForUsage);
  }

  private static int limit(CallBody body) throws WrongRequestException {
    OptionalInt former = body.limit("max_tokens");
    return body.limit("max_completion_tokens").orElse(former.orElse(Integer.MAX_VALUE));
  }

  private static void checkChoices(CallBody body) throws WrongRequestException {
    if (body.limit("n").orElse(1) != 1) {
      throw WrongRequestException.at("n", "n is " + body.get("n") + ": the simulator gives one");
    }
  }

  /** Only models that charge for cache writes know the parameter that avoids them. */
  private static Caching caching(CallBody body, PricedModel model) throws WrongRequestException {
    if (!body.has("prompt_cache_options")) {
      return new Caching.Automatic();
    }
    if (!model.chargesForWrites()) {
      throw WrongRequestException.at(
          "prompt_cache_options",
          "prompt_cache_options is not supported with " + model.name() + ": leave it out");
    }
    boolean explicit =
        body.get("prompt_cache_options").path("mode").asText("implicit").equals("explicit");
    return explicit ? new Caching.Marked(0) : new Caching.Automatic();
  }

  @Override
  public byte[] error(Refusal refusal, String id) {
    ObjectNode error = Json.MAPPER.createObjectNode();
    error.put("message", refusal.message());
    error.put("type", type(refusal.kind()));
    error.put("param", refusal.field());
    error.put("code", code(refusal.kind()));
    return Json.write(Json.MAPPER.createObjectNode().set("error", error));
  }

  private static String type(Refusal.Kind kind) {
    return switch (kind) {
      case INVALID, UNKNOWN_MODEL, TOO_LARGE -> "invalid_request_error";
      case RATE_LIMITED -> "requests";
      case FAILED, OVERLOADED -> "server_error";
    };
  }

  private static String code(Refusal.Kind kind) {
    return switch (kind) {
      case INVALID -> "invalid_value";
      case UNKNOWN_MODEL -> "model_not_found";
      case TOO_LARGE -> "request_too_large";
      case RATE_LIMITED -> "rate_limit_exceeded";
      case FAILED -> "server_error";
      case OVERLOADED -> "overloaded";
    };
  }

  @Override
  public Map<String, String> retryAfter(Duration wait) {
    return Map.of(
        "retry-after",
        Dialect.wholeSeconds(wait),
        "retry-after-ms",
        Long.toString(wait.toMillis()));
  }

  @Override
  public byte[] whole(Ask ask, Told told) {
    String choice =
        "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
            + quote(told.answer().text())
            + ",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":"
            + quote(finishReason(told.answer()))
            + "}";
    String json =
        head("chat.completion", ask, told)
            + ",\"choices\":["
            + choice
            + "],\"usage\":"
            + usage(ask, told.use())
            + "}";
    return json.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public List<Frame> stream(Ask ask, Told told) {
    String head = head("chat.completion.chunk", ask, told);
    String tail = ask.reportsUsage() ? ",\"usage\":null" : "";
    List<Frame> frames = new ArrayList<>();
    String role = "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}";
    frames.add(new Frame(chunk(head, role, "null", tail), 0));
    int sent = 0;
    for (String piece : told.answer().pieces()) {
      sent += piece.length();
      String delta = "{\"content\":" + quote(piece) + "}";
      frames.add(new Frame(chunk(head, delta, "null", tail), Prompt.tokens(sent)));
    }
    int all = told.answer().tokens();
    frames.add(new Frame(chunk(head, "{}", quote(finishReason(told.answer())), tail), all));
    if (ask.reportsUsage()) {
      String usage = head + ",\"choices\":[],\"usage\":" + usage(ask, told.use()) + "}";
      frames.add(new Frame(event(usage), all));
    }
    frames.add(new Frame(event("[DONE]"), all));
    return frames;
  }

  private static String head(String object, Ask ask, Told told) {
    return "{\"id\":"
        + quote("chatcmpl-" + told.id())
        + ",\"object\":"
        + quote(object)
        + ",\"created\":"
        + told.created().getEpochSecond()
        + ",\"model\":"
        + quote(ask.model().name())
        + ",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_simulator\"";
  }

  private static String chunk(String head, String delta, String finishReason, String tail) {
    return event(
        head
            + ",\"choices\":[{\"index\":0,\"delta\":"
            + delta
            + ",\"logprobs\":null,\"finish_reason\":"
            + finishReason
            + "}]"
            + tail
            + "}");
  }

  private static String event(String data) {
    return "data: " + data + "\n\n";
  }

  private static String finishReason(Answer answer) {
    return answer.cut() ? "length" : "stop";
  }

  /** OpenAI counts what it read from and wrote to the cache inside the prompt. */
  private static String usage(Ask ask, TokenUse use) {
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
        + ",\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,"
        + "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";
  }
}
