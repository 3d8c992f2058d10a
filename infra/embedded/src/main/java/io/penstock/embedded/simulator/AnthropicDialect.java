package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.Json.quote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Anthropic messages (docs/measurements.md, Providers §2). */
final class AnthropicDialect implements Dialect {
  private static final double HOTTEST = 1;

  /** Blocks before a mark at which an earlier prefix is still found. */
  private static final int LOOK_BACK = 20;

  @Override
  public String path() {
    return "/v1/messages";
  }

  @Override
  public String idHeader() {
    return "request-id";
  }

  @Override
  public Ask read(CallBody body, PricedModel model, Function<String, Optional<String>> headers)
      throws WrongRequestException {
    if (headers.apply("anthropic-version").isEmpty()) {
      throw WrongRequestException.at(
          "anthropic-version", "anthropic-version: header is required: send 2023-06-01");
    }
    Prompt prompt = AnthropicPrompt.of(body);
    body.checkTemperature(HOTTEST);
    int limit =
        body.limit("max_tokens")
            .orElseThrow(
                () -> WrongRequestException.at("max_tokens", "max_tokens: Field required"));
    return new Ask(model, prompt, new Caching.Marked(LOOK_BACK), limit, body.flag("stream"), true);
  }

  @Override
  public byte[] error(Refusal refusal, String id) {
    ObjectNode error = Json.MAPPER.createObjectNode();
    error.put("type", type(refusal.kind()));
    error.put("message", refusal.message());
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("type", "error");
    body.set("error", error);
    body.put("request_id", "req_" + id);
    return Json.write(body);
  }

  private static String type(Refusal.Kind kind) {
    return switch (kind) {
      case INVALID -> "invalid_request_error";
      case UNKNOWN_MODEL -> "not_found_error";
      case TOO_LARGE -> "request_too_large";
      case RATE_LIMITED -> "rate_limit_error";
      case FAILED -> "api_error";
      case OVERLOADED -> "overloaded_error";
    };
  }

  @Override
  public Map<String, String> retryAfter(Duration wait) {
    return Map.of("retry-after", Dialect.wholeSeconds(wait));
  }

  @Override
  public byte[] whole(Ask ask, Told told) {
    String json =
        message(
            ask,
            told,
            "[{\"type\":\"text\",\"text\":" + quote(told.answer().text()) + "}]",
            quote(stopReason(told.answer())),
            told.use().output());
    return json.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public List<Frame> stream(Ask ask, Told told) {
    List<Frame> frames = new ArrayList<>();
    String start = message(ask, told, "[]", "null", 1);
    frames.add(frame("message_start", "\"message\":" + start, 0));
    String block = "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}";
    frames.add(frame("content_block_start", block, 0));
    frames.add(frame("ping", "", 0));
    int sent = 0;
    for (String piece : told.answer().pieces()) {
      sent += piece.length();
      String delta =
          "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":" + quote(piece) + "}";
      frames.add(frame("content_block_delta", delta, Prompt.tokens(sent)));
    }
    int all = told.answer().tokens();
    frames.add(frame("content_block_stop", "\"index\":0", all));
    String end =
        "\"delta\":{\"stop_reason\":"
            + quote(stopReason(told.answer()))
            + ",\"stop_sequence\":null},\"usage\":"
            + usage(told.use(), all);
    frames.add(frame("message_delta", end, all));
    frames.add(frame("message_stop", "", all));
    return frames;
  }

  private static Frame frame(String event, String fields, int tokens) {
    String data = "{\"type\":" + quote(event) + (fields.isEmpty() ? "" : "," + fields) + "}";
    return new Frame("event: " + event + "\ndata: " + data + "\n\n", tokens);
  }

  private static String message(
      Ask ask, Told told, String content, String stopReason, long outputSoFar) {
    return "{\"id\":"
        + quote("msg_" + told.id())
        + ",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
        + quote(ask.model().name())
        + ",\"content\":"
        + content
        + ",\"stop_reason\":"
        + stopReason
        + ",\"stop_sequence\":null,\"usage\":"
        + usage(told.use(), outputSoFar)
        + "}";
  }

  private static String stopReason(Answer answer) {
    return answer.cut() ? "max_tokens" : "end_turn";
  }

  /** Anthropic counts what it read from and wrote to the cache beside the input. */
  private static String usage(TokenUse use, long output) {
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
        + ",\"server_tool_use\":null,\"service_tier\":\"standard\"}";
  }
}
