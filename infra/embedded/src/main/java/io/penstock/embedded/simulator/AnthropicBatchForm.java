package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.Json.quote;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Anthropic's batches (docs/measurements.md, Providers §2.5): what is wrong with a call is told
 * when it is its turn.
 */
final class AnthropicBatchForm implements BatchForm {
  @Override
  public Dialect dialect(Batch batch) {
    return new AnthropicDialect();
  }

  @Override
  public Found find(BatchInput input, Batch batch, Prices prices) throws IOException {
    List<BatchInput.Item> items = new ArrayList<>();
    input.forEach((line, read) -> {
      JsonNode json = read.orElseThrow();
      return items.add(
          line.item(json.path("custom_id").asText(), call(json).path("model").asText()));
    });
    return new Found(items, List.of());
  }

  @Override
  public JsonNode call(JsonNode line) {
    return line.path("params");
  }

  @Override
  public boolean isApart(ItemEnding ending) {
    return false;
  }

  @Override
  public byte[] line(BatchInput.Item item, ItemEnding ending, Dialect dialect, String id) {
    String result =
        switch (ending) {
          case ItemEnding.Answered answered ->
              "{\"type\":\"succeeded\",\"message\":" + answered.body() + "}";
          case ItemEnding.Failed(Refusal refusal) ->
              "{\"type\":\"errored\",\"error\":" + text(dialect.error(refusal, id)) + "}";
          case ItemEnding.Expired() -> "{\"type\":\"expired\"}";
          case ItemEnding.Cancelled() -> "{\"type\":\"canceled\"}";
        };
    String line = "{\"custom_id\":" + quote(item.customId()) + ",\"result\":" + result + "}\n";
    return line.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }
}
