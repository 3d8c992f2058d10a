package io.penstock.embedded.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** OpenAI chat completions (docs/measurements.md, Providers §1). */
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
    boolean stream = body.flag("stream");
    boolean asksForUsage =
        CallBody.flag(
            body.get("stream_options").path("include_usage"), "stream_options.include_usage");
    String tier = tier(body);
    return new Ask(
        model,
        prompt,
        caching(body, model),
        OpenAiWish.of(body),
        tier,
        tier,
        stream,
        !stream || asksForUsage);
  }

  /** The tier that serves a call: the one it asks for, as the answer names it (§1.5). */
  static String tier(CallBody body) throws WrongRequestException {
    String asked = body.get("service_tier").asText("auto");
    return switch (asked) {
      case "auto", "default" -> "default";
      case "flex", "scale", "priority" -> asked;
      case "fast" -> "priority";
      default ->
          throw WrongRequestException.at(
              "service_tier",
              "service_tier is " + asked + ": give auto, default, flex, scale, priority or fast");
    };
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
    return Json.write(OpenAiErrors.body(refusal));
  }

  @Override
  public Map<String, String> retryAfter(Duration wait) {
    return OpenAiErrors.retryAfter(wait);
  }

  @Override
  public Map<String, String> limits(Limits.Standing standing, Instant now) {
    return OpenAiErrors.limits(standing);
  }

  @Override
  public byte[] whole(Ask ask, Told told) {
    return OpenAiAnswers.whole(ask, told);
  }

  @Override
  public List<Frame> stream(Ask ask, Told told) {
    return OpenAiAnswers.stream(ask, told);
  }

  @Override
  public String streamedError(Refusal refusal, String id) {
    return OpenAiAnswers.event(OpenAiErrors.body(refusal).toString());
  }
}
