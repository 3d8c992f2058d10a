package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
    return new Ask(
        model,
        prompt,
        new Caching.Marked(LOOK_BACK),
        AnthropicWish.of(body),
        PricedModel.DEFAULT_TIER,
        "standard",
        body.flag("stream"),
        true);
  }

  @Override
  public byte[] error(Refusal refusal, String id) {
    return Json.write(errorBody(refusal, id));
  }

  private static ObjectNode errorBody(Refusal refusal, String id) {
    ObjectNode error = Json.MAPPER.createObjectNode();
    error.put("type", type(refusal.kind()));
    error.put("message", refusal.message());
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("type", "error");
    body.set("error", error);
    body.put("request_id", "req_" + id);
    return body;
  }

  /** A spent quota looks like a rate limit, but does not say how long to wait (§2.3). */
  private static String type(Refusal.Kind kind) {
    return switch (kind) {
      case INVALID -> "invalid_request_error";
      case UNKNOWN_MODEL, NOT_FOUND -> "not_found_error";
      case CONFLICT -> "conflict_error";
      case TOO_LARGE -> "request_too_large";
      case RATE_LIMITED, QUOTA -> "rate_limit_error";
      case FAILED -> "api_error";
      case OVERLOADED -> "overloaded_error";
    };
  }

  @Override
  public Map<String, String> retryAfter(Duration wait) {
    return Map.of("retry-after", Dialect.wholeSeconds(wait));
  }

  @Override
  public Map<String, String> limits(Limits.Standing standing, Instant now) {
    Instant reset = now.plus(standing.untilFull()).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    return Map.of(
        "anthropic-ratelimit-requests-limit",
        Long.toString(standing.limit()),
        "anthropic-ratelimit-requests-remaining",
        Long.toString(standing.remaining()),
        "anthropic-ratelimit-requests-reset",
        reset.toString());
  }

  @Override
  public byte[] whole(Ask ask, Told told) {
    return AnthropicAnswers.whole(ask, told);
  }

  @Override
  public List<Frame> stream(Ask ask, Told told) {
    return AnthropicAnswers.stream(ask, told);
  }

  @Override
  public String streamedError(Refusal refusal, String id) {
    return AnthropicAnswers.event("error", errorBody(refusal, id).toString());
  }
}
