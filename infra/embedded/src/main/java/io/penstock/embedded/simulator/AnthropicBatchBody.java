package io.penstock.embedded.simulator;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** The body that begins a message batch: read as it comes, for it may be large. */
final class AnthropicBatchBody {
  static final int MOST_REQUESTS = 100_000;
  static final long MOST_BYTES = 256_000_000;

  /** What comes after a request is the next one. */
  private static final ObjectReader EACH =
      Json.MAPPER.readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Pattern CUSTOM_ID = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

  private final StoredFiles.Draft lines;
  private final Set<String> customIds = new HashSet<>();

  private AnthropicBatchBody(StoredFiles.Draft lines) {
    this.lines = lines;
  }

  /** Writes each request as a line; what is in its params is not looked at. */
  static void copy(InputStream in, StoredFiles.Draft lines)
      throws WrongRequestException, IOException {
    var body = new AnthropicBatchBody(lines);
    try (JsonParser json = Json.MAPPER.createParser(in)) {
      body.read(json);
    } catch (JacksonException e) {
      throw WrongRequestException.at("body", "the body of the request is not JSON");
    }
    if (body.customIds.isEmpty()) {
      throw WrongRequestException.at("requests", "requests: give a list of at least one");
    }
  }

  private void read(JsonParser json) throws WrongRequestException, IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw WrongRequestException.at("body", "the body of the request is not a JSON object");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      boolean requests = json.currentName().equals("requests");
      if (json.nextToken() == JsonToken.START_ARRAY && requests) {
        while (json.nextToken() != JsonToken.END_ARRAY) {
          add(EACH.readValue(json));
        }
      } else {
        json.skipChildren();
      }
    }
  }

  private void add(JsonNode request) throws WrongRequestException, IOException {
    String field = "requests." + customIds.size();
    String customId = request.path("custom_id").asText();
    if (!CUSTOM_ID.matcher(customId).matches()) {
      throw WrongRequestException.at(
          field + ".custom_id",
          field + ".custom_id: String should match pattern '^" + CUSTOM_ID + "$'");
    }
    if (!customIds.add(customId)) {
      throw WrongRequestException.at(
          field + ".custom_id", field + ".custom_id: '" + customId + "' is not unique");
    }
    if (!request.path("params").isObject()) {
      throw WrongRequestException.at(field + ".params", field + ".params: Field required");
    }
    lines.write(Json.write(request));
    lines.write(new byte[] {'\n'});
    if (customIds.size() > MOST_REQUESTS || lines.bytes() > MOST_BYTES) {
      throw new WrongRequestException(
          new Refusal(
              Refusal.Kind.TOO_LARGE,
              "a batch has at most "
                  + MOST_REQUESTS
                  + " requests and "
                  + MOST_BYTES
                  + " bytes: send several",
              "requests"));
    }
  }
}
