package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON documents as trees, for APIs with many optional parts. A tree of small things takes many
 * times what its document does, so that its room is counted too. Any thread.
 */
public final class Tree {
  /** What a number, an empty object or a short text takes, with its place in what holds it. */
  private static final int NODE_BYTES = 96;

  private static final int NODES_AT_ONCE = 1_000;

  // Numbers as they are written: 1.0 and 1 may be different things to a schema.
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(Json.FACTORY)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Tree() {}

  /** A document that is one object. */
  public static Reading<ObjectNode> object(byte[] document, Room room) {
    var nodes = new CountedNodes(room);
    try {
      return switch (MAPPER.reader(nodes).readTree(document)) {
        case ObjectNode _ when nodes.broken != null ->
            new Reading.Refused<>(
                Reason.INVALID_VALUE.because(
                    "half a surrogate pair in \""
                        + Faults.excerpt(nodes.broken)
                        + "\": no Unicode"));
        case ObjectNode object -> new Reading.Read<>(object);
        case JsonNode other ->
            new Reading.Refused<>(
                other.isMissingNode()
                    ? Reason.MALFORMED_JSON.because("there is no JSON: nothing was sent")
                    : Reason.WRONG_TYPE.because("a request is a JSON object"));
      };
    } catch (NoRoomException e) {
      return new Reading.Refused<>(noRoom());
    } catch (IOException e) {
      return new Reading.Refused<>(Json.malformed(e, 1));
    }
  }

  static Failure noRoom() {
    return Reason.OVERLOADED.because(
        "more is being sent at once than this instance takes in: try again in a moment");
  }

  /** The value that a parser stands at; afterwards it stands at its end. */
  static JsonNode value(JsonParser at, Room room, Faults faults, String field) throws IOException {
    var nodes = new CountedNodes(room);
    JsonNode value =
        MAPPER.reader(nodes).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(at);
    if (nodes.broken != null) {
      faults.add(Reason.INVALID_VALUE, "half a surrogate pair: no Unicode text", field);
    }
    return value;
  }

  /** The tree of a text that was JSON when it was taken in; null when it is none. */
  public static @Nullable JsonNode parse(String json) {
    try {
      JsonNode read = MAPPER.readTree(json);
      return read.isMissingNode() ? null : read;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  public static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree could not be written", e);
    }
  }

  public static ObjectNode newObject() {
    return MAPPER.createObjectNode();
  }

  static final class NoRoomException extends RuntimeException {
    private NoRoomException() {
      super("no room for a tree", null, false, false);
    }
  }

  /** Counts what it makes, and notes text that is none. */
  private static final class CountedNodes extends JsonNodeFactory {
    private final transient Room room;
    private int made;
    private @Nullable String broken;

    private CountedNodes(Room room) {
      this.room = room;
    }

    private void one() {
      if (++made % NODES_AT_ONCE == 0 && !room.grow(NODES_AT_ONCE * NODE_BYTES)) {
        throw new NoRoomException();
      }
    }

    @Override
    public TextNode textNode(String text) {
      one();
      if (broken == null && Texts.firstHalfCharacter(text) >= 0) {
        broken = text;
      }
      return super.textNode(text);
    }

    @Override
    public ObjectNode objectNode() {
      one();
      return super.objectNode();
    }

    @Override
    public ArrayNode arrayNode() {
      one();
      return super.arrayNode();
    }

    @Override
    public BooleanNode booleanNode(boolean value) {
      one();
      return super.booleanNode(value);
    }

    @Override
    public NullNode nullNode() {
      one();
      return super.nullNode();
    }

    @Override
    public NumericNode numberNode(int value) {
      one();
      return super.numberNode(value);
    }

    @Override
    public NumericNode numberNode(long value) {
      one();
      return super.numberNode(value);
    }

    @Override
    public ValueNode numberNode(BigInteger value) {
      one();
      return super.numberNode(value);
    }

    @Override
    public ValueNode numberNode(BigDecimal value) {
      one();
      return super.numberNode(value);
    }
  }

  /** The elements of an array; nothing of anything else. */
  public static List<JsonNode> elements(@Nullable JsonNode array) {
    return array != null && array.isArray() ? array.valueStream().toList() : List.of();
  }
}
