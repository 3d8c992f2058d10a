package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.Json.quote;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** OpenAI's batches (docs/measurements.md, Providers §1.7). */
final class OpenAiBatchForm implements BatchForm {
  private static final Map<String, Dialect> ENDPOINTS =
      Map.of(
          new OpenAiDialect().path(), new OpenAiDialect(),
          new CompletionsDialect().path(), new CompletionsDialect(),
          new EmbeddingsDialect().path(), new EmbeddingsDialect());

  /** Where the calls of a batch may be posted. */
  static Set<String> endpoints() {
    return new TreeSet<>(ENDPOINTS.keySet());
  }

  @Override
  public Dialect dialect(Batch batch) {
    return ENDPOINTS.getOrDefault(batch.order.endpoint(), new OpenAiDialect());
  }

  @Override
  public Found find(BatchInput input, Batch batch, Prices prices) throws IOException {
    var check = new OpenAiBatchCheck(batch.order, prices);
    if (check.isSmallEnough()) {
      input.forEach(check);
    }
    return check.found();
  }

  @Override
  public JsonNode call(JsonNode line) {
    return line.path("body");
  }

  @Override
  public boolean isApart(ItemEnding ending) {
    return !(ending instanceof ItemEnding.Answered);
  }

  @Override
  public byte[] line(BatchInput.Item item, ItemEnding ending, Dialect dialect, String id) {
    return switch (ending) {
      case ItemEnding.Answered answered -> answered(item, 200, answered.body(), id);
      case ItemEnding.Failed(Refusal refusal) ->
          answered(item, refusal.kind().status(), text(dialect.error(refusal, id)), id);
      case ItemEnding.Expired() ->
          line(
              item,
              id,
              "null",
              "{\"code\":\"batch_expired\",\"message\":"
                  + "\"This request could not be executed before the completion window expired.\"}");
      case ItemEnding.Cancelled() -> new byte[0];
    };
  }

  private static byte[] answered(BatchInput.Item item, int status, String body, String id) {
    String response =
        "{\"status_code\":"
            + status
            + ",\"request_id\":"
            + quote("req_" + id)
            + ",\"body\":"
            + body
            + "}";
    return line(item, id, response, "null");
  }

  private static byte[] line(BatchInput.Item item, String id, String response, String error) {
    List<String> fields =
        List.of(
            "\"id\":" + quote("batch_req_" + id),
            "\"custom_id\":" + quote(item.customId()),
            "\"response\":" + response,
            "\"error\":" + error);
    return ("{" + String.join(",", fields) + "}\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }
}
