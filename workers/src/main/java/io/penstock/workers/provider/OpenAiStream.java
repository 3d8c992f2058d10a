package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.policies.stream.Assembly;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Delta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads chunks of a chat completion (docs/measurements.md, Providers §1.3). Usage may come on any
 * of them, on several, or on none; the last one holds, and none is ever added to another. An answer
 * is complete when each of its choices has a finish reason, whether or not {@code [DONE]} follows.
 */
final class OpenAiStream extends StreamReader {
  private static final int MOST_CHOICES = 128; // as many as OpenAI gives

  private final Map<Integer, Choice> choices = new TreeMap<>();
  private @Nullable String model;
  private @Nullable String tier;
  private UsageReading usage = UsageReading.NONE;
  private boolean done;
  private long logprobsBytes;

  /** One of the answers, as far as it has come. */
  private static final class Choice {
    private final OpenAiPieces pieces;
    private @Nullable String finish;
    private @Nullable String stopSequence;
    private @Nullable ObjectNode logprobs;

    Choice(int index) {
      this.pieces = new OpenAiPieces(index);
    }
  }

  OpenAiStream(Question question) {
    super(question);
  }

  @Override
  List<Delta> pieces(JsonNode data) {
    note(data);
    var pieces = new ArrayList<Delta>();
    JsonNode all = data.path("choices");
    for (int i = 0; all.isArray() && i < all.size(); i++) {
      JsonNode each = all.get(i);
      int index = each.path("index").asInt(i);
      if (index < 0 || index >= MOST_CHOICES || (each.path("delta").isEmpty() && nothing(each))) {
        continue;
      }
      Choice choice = choices.computeIfAbsent(index, Choice::new);
      // Some servers send the whole message at once.
      JsonNode delta = each.path("delta").isObject() ? each.path("delta") : each.path("message");
      pieces.addAll(choice.pieces.of(delta));
      end(choice, each);
    }
    return pieces;
  }

  private static boolean nothing(JsonNode choice) {
    return !choice.has("message") && !choice.hasNonNull("finish_reason");
  }

  private void end(Choice choice, JsonNode told) {
    String finish = Json.text(told, "finish_reason");
    choice.finish = finish == null ? choice.finish : finish;
    String stop = Json.text(told, "stop_reason");
    choice.stopSequence = stop == null ? choice.stopSequence : stop;
    JsonNode logprobs = told.path("logprobs");
    if (logprobs.isObject()) {
      logprobsBytes += Json.bytes(logprobs).length;
      if (logprobsBytes <= Limits.LARGEST_TEXT_BYTES) {
        choice.logprobs = joined(choice.logprobs, logprobs);
      }
    }
  }

  /** The lists of probabilities, one behind the other. */
  private static ObjectNode joined(@Nullable ObjectNode before, JsonNode more) {
    ObjectNode all = before == null ? Json.object() : before;
    more.properties()
        .forEach(list -> {
          if (all.get(list.getKey()) instanceof ArrayNode known && list.getValue().isArray()) {
            list.getValue().forEach(known::add);
          } else if (!all.hasNonNull(list.getKey())) {
            all.set(list.getKey(), list.getValue());
          }
        });
    return all;
  }

  @Override
  void note(JsonNode data) {
    String named = Json.text(data, "model");
    model = named == null ? model : named;
    String billed = Json.text(data, "service_tier");
    tier = billed == null ? tier : billed;
    UsageReading told = question().inquiry().traits().usage().read(data);
    usage = told.tokens() == null ? usage : told;
  }

  @Override
  void done() {
    done = true;
  }

  @Override
  boolean finished() {
    return done;
  }

  @Override
  boolean complete() {
    return !choices.isEmpty()
        && choices.values().stream().allMatch(choice -> choice.finish != null);
  }

  @Override
  boolean silent() {
    return choices.isEmpty();
  }

  @Override
  boolean usageIsWhole() {
    return complete();
  }

  @Override
  Result answer() {
    Map<Integer, Assembly.End> ends =
        choices.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, each -> end(each.getValue()), (a, b) -> a, TreeMap::new));
    return OpenAiAnswer.finished(question(), assembly(), ends, bill());
  }

  private static Assembly.End end(Choice choice) {
    String finish = choice.finish == null ? "" : choice.finish;
    return new Assembly.End(
        choice.pieces.refusal() ? "content_filter" : OpenAiAnswer.finishReason(finish),
        choice.stopSequence,
        choice.logprobs == null ? null : Json.write(choice.logprobs));
  }

  @Override
  Bill bill() {
    return OpenAiAnswer.bill(question().inquiry(), model, tier, usage);
  }
}
