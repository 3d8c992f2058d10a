package io.penstock.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.avro.Schema;

/** Schemas as other languages should see them. */
public final class WireSchemas {
  private static final ObjectMapper JSON = new ObjectMapper();

  private WireSchemas() {}

  /**
   * The same schema without {@code avro.java.string}, which generated classes carry and which would
   * give producers in other languages another schema id for the same contract.
   */
  public static Schema portable(Schema schema) {
    try {
      JsonNode tree = JSON.readTree(schema.toString());
      strip(tree);
      return new Schema.Parser().parse(JSON.writeValueAsString(tree));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a schema's own text is not JSON", e);
    }
  }

  private static void strip(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove("avro.java.string");
    }
    node.forEach(WireSchemas::strip);
  }
}
