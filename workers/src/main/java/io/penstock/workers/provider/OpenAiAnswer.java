package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.policies.stream.Assembly;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a whole chat completion. */
final class OpenAiAnswer {
  private OpenAiAnswer() {}

  static Result read(Question question, JsonNode body) {
    Bill bill = bill(question, body);
    if (body.hasNonNull("error")) {
      return Refusal.inside(question, body, bill);
    }
    JsonNode choices = body.path("choices");
    if (!choices.isArray() || choices.isEmpty()) {
      return Result.Failed.garbled("no answer in a complete response", bill);
    }
    var assembly = new Assembly();
    var ends = new TreeMap<Integer, Assembly.End>();
    for (int i = 0; i < choices.size(); i++) {
      JsonNode choice = choices.get(i);
      JsonNode message = choice.path("message");
      if (!message.isObject()) {
        return Result.Failed.garbled("no answer in a complete response", bill);
      }
      String finish = Json.text(choice, "finish_reason");
      if (finish == null) {
        return Result.Failed.garbled(
            "an answer without a finish reason, which nobody may call complete", bill);
      }
      int index = choice.path("index").asInt(i);
      new OpenAiPieces(index).of(message).forEach(assembly::add);
      ends.put(index, end(choice, finish, isRefusal(message)));
    }
    return finished(question, assembly, ends, bill);
  }

  private static boolean isRefusal(JsonNode message) {
    return Json.text(message, "refusal") != null && Json.texts(message.path("content")).isEmpty();
  }

  static Assembly.End end(JsonNode choice, String finish, boolean refusal) {
    JsonNode logprobs = choice.path("logprobs");
    return new Assembly.End(
        refusal ? "content_filter" : finishReason(finish),
        Json.text(choice, "stop_reason"), // vLLM: the stop text that it met
        logprobs.isObject() ? Json.write(logprobs) : null);
  }

  static String finishReason(String finish) {
    return finish.equals("function_call") ? "tool_calls" : finish;
  }

  /** An answer whose every choice has an end. */
  static Result finished(
      Question question, Assembly assembly, Map<Integer, Assembly.End> ends, Bill bill) {
    String givenUp =
        ends.values().stream()
            .map(Assembly.End::finishReason)
            // Servers that gave up in the middle say so in their own way (vLLM, OpenRouter).
            .filter(finish -> finish.equals("abort") || finish.equals("error"))
            .findFirst()
            .orElse(null);
    Bill known =
        bill.usage() != null
            ? bill
            : bill.counted(TokenCount.of(question.inquiry(), null, assembly.visible()));
    if (givenUp != null) {
      return new Result.Failed(
          Reason.ANSWER_TRUNCATED,
          "the provider ended its answer with \"" + givenUp + "\"",
          Advice.NONE,
          known);
    }
    long logprobs =
        ends.values().stream()
            .map(Assembly.End::logprobs)
            .filter(Objects::nonNull)
            .mapToLong(String::length)
            .sum();
    if (assembly.bytes() + logprobs > Limits.LARGEST_TEXT_BYTES) {
      return tooLarge(known);
    }
    for (int choice : ends.keySet()) {
      assembly.add(nothing(choice));
    }
    return new Result.Answered(
        assembly.answer(
            choice -> ends.getOrDefault(choice, Assembly.End.of("stop")), question.dropped()),
        known);
  }

  static Result.Failed tooLarge(Bill bill) {
    return new Result.Failed(
        Reason.ANSWER_TOO_LARGE,
        "the answer is larger than " + Limits.LARGEST_TEXT_BYTES + " bytes",
        Advice.NONE,
        bill);
  }

  /** So that an answer without content is one all the same. */
  private static Delta nothing(int choice) {
    return new Delta(DeltaKind.REFUSAL, choice, 0, "", null, null);
  }

  static Bill bill(Question question, JsonNode body) {
    Inquiry inquiry = question.inquiry();
    UsageReading reading = inquiry.traits().usage().read(body);
    return bill(inquiry, Json.text(body, "model"), Json.text(body, "service_tier"), reading);
  }

  static Bill bill(
      Inquiry inquiry, @Nullable String model, @Nullable String tier, UsageReading reading) {
    return new Bill(
        inquiry.provider().ourModel(model, inquiry.model()),
        tier,
        reading.tokens(),
        reading.notes(inquiry.traits()),
        null);
  }
}
