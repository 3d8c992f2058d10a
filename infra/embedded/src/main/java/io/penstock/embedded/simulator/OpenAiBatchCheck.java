package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at the lines of one of OpenAI's batches before any is answered. For one thread. */
final class OpenAiBatchCheck implements BatchInput.Reader {
  static final int MOST_LINES = 50_000;
  static final long MOST_BYTES = 200_000_000;
  private static final int MOST_PROBLEMS = 100;

  private final Batch.Order order;
  private final Prices prices;
  private final List<BatchInput.Item> items = new ArrayList<>();
  private final List<Batch.Problem> problems = new ArrayList<>();
  private final Set<String> customIds = new HashSet<>();
  private long texts;
  private @Nullable String model;

  OpenAiBatchCheck(Batch.Order order, Prices prices) {
    this.order = order;
    this.prices = prices;
  }

  boolean isSmallEnough() {
    if (order.input().bytes() > MOST_BYTES) {
      problems.add(
          new Batch.Problem(
              "file_too_large",
              null,
              "The input file has more than " + MOST_BYTES + " bytes.",
              null));
    }
    return problems.isEmpty();
  }

  @Override
  public boolean read(BatchInput.Line line, Optional<JsonNode> read) {
    if (items.size() == MOST_LINES || texts > MOST_LINES) {
      problems.clear();
      problems.add(
          new Batch.Problem(
              "too_many_tasks",
              null,
              "The input file has more than " + MOST_LINES + " requests.",
              null));
      return false;
    }
    read.filter(JsonNode::isObject)
        .ifPresentOrElse(
            json -> check(line, json),
            () -> wrong(line, "invalid_json_line", "This line is not a JSON object.", null));
    return problems.size() < MOST_PROBLEMS;
  }

  BatchForm.Found found() {
    if (items.isEmpty() && problems.isEmpty()) {
      problems.add(new Batch.Problem("empty_file", null, "The input file has no requests.", null));
    }
    return new BatchForm.Found(items, problems);
  }

  private void check(BatchInput.Line line, JsonNode json) {
    int before = problems.size();
    String customId = json.path("custom_id").asText();
    if (customId.isEmpty()) {
      missing(line, "custom_id");
    } else if (!customIds.add(customId)) {
      wrong(
          line,
          "duplicate_custom_id",
          "The custom_id '" + customId + "' is that of a line before.",
          "custom_id");
    }
    if (!json.path("method").asText().equals("POST")) {
      wrong(line, "invalid_method", "The method must be POST.", "method");
    }
    if (!json.path("url").asText().equals(order.endpoint())) {
      wrong(
          line,
          "invalid_url",
          "The url " + json.path("url") + " is not the endpoint of this batch, " + order.endpoint(),
          "url");
    }
    if (!json.path("body").isObject()) {
      missing(line, "body");
    } else {
      checkModel(line, json.path("body").path("model"));
    }
    texts += Math.max(1, json.path("body").path("input").size());
    if (problems.size() == before) {
      items.add(line.item(customId, Optional.ofNullable(model).orElse("")));
    }
  }

  private void checkModel(BatchInput.Line line, JsonNode named) {
    if (!named.isTextual()) {
      missing(line, "body.model");
    } else if (prices.find(named.textValue(), order.created()).isEmpty()) {
      wrong(
          line,
          "model_not_found",
          "The model '" + named.textValue() + "' does not exist.",
          "body.model");
    } else if (model == null) {
      model = named.textValue();
    } else if (!model.equals(named.textValue())) {
      wrong(
          line,
          "mismatched_model",
          "The model '" + named.textValue() + "' is not that of the first line, '" + model + "'.",
          "body.model");
    }
  }

  private void missing(BatchInput.Line line, String field) {
    wrong(line, "missing_required_parameter", "The field " + field + " is required.", field);
  }

  private void wrong(BatchInput.Line line, String code, String message, @Nullable String param) {
    problems.add(new Batch.Problem(code, line.number(), message, param));
  }
}
