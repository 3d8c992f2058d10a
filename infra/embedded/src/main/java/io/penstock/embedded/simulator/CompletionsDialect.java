package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.Json.quote;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Plain completions of one text or several, as vLLM serves them: the choices of all texts in one
 * row, in the order of the texts (docs/measurements.md, Providers §3.1).
 */
final class CompletionsDialect implements Dialect {
  private static final double HOTTEST = 2;
  private static final int MOST_PROMPTS = 2_048;
  private static final int MOST_STOPS = 4;

  /** The most tokens of an answer of which nothing else is said. */
  private static final int USUAL_LIMIT = 16;

  @Override
  public String path() {
    return "/v1/completions";
  }

  @Override
  public String idHeader() {
    return "x-request-id";
  }

  @Override
  public Ask read(CallBody body, PricedModel model, Function<String, Optional<String>> headers)
      throws WrongRequestException {
    Prompt prompt = OpenAiPrompt.ofTexts(body.get("prompt"), "prompt", MOST_PROMPTS);
    body.checkTemperature(HOTTEST);
    var talk =
        new Wish.Talk(
            body.limit("max_tokens").orElse(USUAL_LIMIT),
            body.limit("n").orElse(1),
            body.texts("stop", MOST_STOPS),
            0,
            List.of(),
            false,
            null);
    boolean stream = body.flag("stream");
    JsonNode usage = body.get("stream_options").path("include_usage");
    boolean asksForUsage = CallBody.flag(usage, "stream_options.include_usage");
    String tier = OpenAiDialect.tier(body);
    // The prefix cache knows one prompt for each call.
    Caching caching = prompt.ends().size() == 1 ? new Caching.Automatic() : new Caching.Marked(0);
    return new Ask(
        model,
        prompt,
        caching,
        new Wish.Completions(talk),
        tier,
        tier,
        stream,
        !stream || asksForUsage);
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
    List<String> choices = new ArrayList<>();
    for (Choice choice : told.answer().choices()) {
      StringBuilder text = new StringBuilder();
      choice.parts().forEach(part -> text.append(part.text()));
      choices.add(choice(choices.size(), text.toString(), OpenAiAnswers.finishReason(choice)));
    }
    String usage = ask.reportsUsage() ? ",\"usage\":" + OpenAiAnswers.usage(ask, told.use()) : "";
    return answer(ask, told, String.join(",", choices), usage).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public List<Frame> stream(Ask ask, Told told) {
    String tail = ask.reportsUsage() ? ",\"usage\":null" : "";
    List<Frame> frames = new ArrayList<>();
    int index = 0;
    for (Choice choice : told.answer().choices()) {
      for (Choice.Piece piece : choice.pieces()) {
        String part = choice(index, piece.text(), "null");
        frames.add(new Frame(event(answer(ask, told, part, tail)), piece.tokens()));
      }
      String end = choice(index++, "", OpenAiAnswers.finishReason(choice));
      frames.add(new Frame(event(answer(ask, told, end, tail)), choice.tokens()));
    }
    frames.sort(Comparator.comparingInt(Frame::tokens));
    int all = told.answer().steps();
    if (ask.reportsUsage()) {
      String usage = ",\"usage\":" + OpenAiAnswers.usage(ask, told.use());
      frames.add(new Frame(event(answer(ask, told, "", usage)), all));
    }
    frames.add(new Frame(event("[DONE]"), all));
    return frames;
  }

  private static String answer(Ask ask, Told told, String choices, String tail) {
    return OpenAiAnswers.head("cmpl-", "text_completion", ask, told)
        + ",\"choices\":["
        + choices
        + "]"
        + tail
        + "}";
  }

  private static String choice(int index, String text, String finishReason) {
    return "{\"index\":"
        + index
        + ",\"text\":"
        + quote(text)
        + ",\"logprobs\":null,\"finish_reason\":"
        + finishReason
        + "}";
  }

  private static String event(String data) {
    return OpenAiAnswers.event(data);
  }

  @Override
  public String streamedError(Refusal refusal, String id) {
    return event(OpenAiErrors.body(refusal).toString());
  }
}
