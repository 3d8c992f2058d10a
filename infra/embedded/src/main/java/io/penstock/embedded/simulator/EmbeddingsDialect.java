package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** OpenAI embeddings: a vector of length one for each text, always the same for the same text. */
final class EmbeddingsDialect implements Dialect {
  private static final int MOST_INPUTS = 2_048;
  private static final int LARGE = 3_072;
  private static final int SMALL = 1_536;

  @Override
  public String path() {
    return "/v1/embeddings";
  }

  @Override
  public String idHeader() {
    return "x-request-id";
  }

  @Override
  public Ask read(CallBody body, PricedModel model, Function<String, Optional<String>> headers)
      throws WrongRequestException {
    if (!model.name().contains("embed")) {
      throw WrongRequestException.at(
          "model", "The model `" + model.name() + "` does not make embeddings: give one that does");
    }
    int longest = model.name().contains("large") ? LARGE : SMALL;
    int dimensions = body.limit("dimensions").orElse(longest);
    if (dimensions > longest) {
      throw WrongRequestException.at(
          "dimensions", "dimensions is " + dimensions + ": give at most " + longest);
    }
    boolean base64 =
        switch (body.get("encoding_format").asText("float")) {
          case "float" -> false;
          case "base64" -> true;
          default ->
              throw WrongRequestException.at(
                  "encoding_format",
                  "encoding_format is " + body.get("encoding_format") + ": give float or base64");
        };
    return new Ask(
        model,
        OpenAiPrompt.ofTexts(body.get("input"), "input", MOST_INPUTS),
        new Caching.Marked(0),
        new Wish.Vectors(dimensions, base64),
        PricedModel.DEFAULT_TIER,
        null,
        false,
        true);
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
    ObjectNode json = Json.MAPPER.createObjectNode().put("object", "list");
    ArrayNode data = json.putArray("data");
    if (ask.wish() instanceof Wish.Vectors(int dimensions, boolean base64)) {
      for (long hash : ask.prompt().hashes(ask.model().name())) {
        ObjectNode item = data.addObject().put("object", "embedding").put("index", data.size() - 1);
        float[] vector = vector(hash, dimensions);
        if (base64) {
          item.put("embedding", Base64.getEncoder().encodeToString(bytes(vector)));
        } else {
          ArrayNode numbers = item.putArray("embedding");
          for (float number : vector) {
            numbers.add(number);
          }
        }
      }
    }
    json.put("model", ask.model().name());
    if (ask.reportsUsage()) {
      long tokens = told.use().totalInput();
      json.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    }
    return Json.write(json);
  }

  /** Shorter vectors are the beginnings of longer ones, scaled to length one again. */
  private static float[] vector(long hash, int dimensions) {
    double[] raw = new double[dimensions];
    double square = 0;
    for (int n = 0; n < dimensions; n++) {
      raw[n] = (Digest.scatter(hash + n) >> 11) * 0x1.0p-52;
      square += raw[n] * raw[n];
    }
    float[] vector = new float[dimensions];
    for (int n = 0; n < dimensions; n++) {
      vector[n] = (float) (raw[n] / Math.sqrt(square));
    }
    return vector;
  }

  private static byte[] bytes(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : vector) {
      bytes.putFloat(number);
    }
    return bytes.array();
  }

  /** Vectors are never streamed. */
  @Override
  public List<Frame> stream(Ask ask, Told told) {
    return List.of();
  }

  @Override
  public String streamedError(Refusal refusal, String id) {
    return "";
  }
}
