package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events of a message of Anthropic's (docs/measurements.md, Providers §2.2). Usage is
 * cumulative: what a later event tells takes the place of what an earlier one told. An answer is
 * complete when {@code message_stop} has come.
 */
final class AnthropicStream extends StreamReader {
  // One at a time is usual.
  private static final int MOST_OPEN = 1000;
  private static final int MOST_COUNTS = 100;

  private final Map<Integer, Block> blocks = new HashMap<>();
  private final ObjectNode usage = Json.object();
  private @Nullable String model;
  private @Nullable String stop;
  private @Nullable String stopSequence;
  private int parts;
  private long gathered;
  private boolean begun;
  private boolean stopped;

  /** A block as far as it has come. */
  private static final class Block {
    private final String type;
    private final ObjectNode start;
    private final StringBuilder input = new StringBuilder();
    private boolean argued;
    private int part = -1; // Until something of it comes: what stays empty is no part.

    Block(JsonNode start) {
      this.type = Json.textOrEmpty(start, "type");
      this.start = start.isObject() ? (ObjectNode) start : Json.object();
    }
  }

  AnthropicStream(Question question) {
    super(question);
  }

  @Override
  List<Delta> pieces(JsonNode data) {
    note(data);
    int index = data.path("index").asInt(Math.max(0, blocks.size() - 1));
    return switch (Json.textOrEmpty(data, "type")) {
      case "message_start" -> {
        begun = true;
        model = Json.text(data.path("message"), "model");
        yield List.of();
      }
      case "content_block_start" -> start(index, data.path("content_block"));
      case "content_block_delta" -> delta(index, data.path("delta"));
      case "content_block_stop" -> end(blocks.remove(index));
      case "message_delta" -> {
        String told = Json.text(data.path("delta"), "stop_reason");
        stop = told == null ? stop : told;
        String sequence = Json.text(data.path("delta"), "stop_sequence");
        stopSequence = sequence == null ? stopSequence : sequence;
        yield List.of();
      }
      case "message_stop" -> {
        stopped = true;
        yield List.of();
      }
      default -> List.of(); // Pings, and what is yet to be invented.
    };
  }

  @Override
  void note(JsonNode data) {
    overwrite(data.path("message").path("usage"));
    overwrite(data.path("usage"));
  }

  private void overwrite(JsonNode told) {
    told.properties().stream()
        .filter(field -> !field.getValue().isNull() && usage.size() < MOST_COUNTS)
        .forEach(field -> usage.set(field.getKey(), field.getValue()));
  }

  private List<Delta> start(int index, JsonNode start) {
    if (blocks.containsKey(index) || blocks.size() >= MOST_OPEN) {
      return List.of(); // Told twice, or nonsense.
    }
    begun = true;
    var block = new Block(start);
    blocks.put(index, block);
    return switch (block.type) {
      case "text" -> piece(DeltaKind.TEXT, block, Json.textOrEmpty(start, "text"));
      case "thinking" -> piece(DeltaKind.REASONING, block, Json.textOrEmpty(start, "thinking"));
      case "redacted_thinking" -> piece(DeltaKind.REDACTED, block, Json.textOrEmpty(start, "data"));
      case "tool_use" -> List.of(AnthropicAnswer.call(start, part(block), ""));
      default -> List.of();
    };
  }

  private List<Delta> delta(int index, JsonNode delta) {
    Block block = blocks.get(index);
    if (block == null) {
      return List.of(); // Of a block that never began, or has ended.
    }
    return switch (Json.textOrEmpty(delta, "type")) {
      case "text_delta" -> piece(DeltaKind.TEXT, block, Json.textOrEmpty(delta, "text"));
      case "thinking_delta" ->
          piece(DeltaKind.REASONING, block, Json.textOrEmpty(delta, "thinking"));
      case "signature_delta" ->
          piece(DeltaKind.SIGNATURE, block, Json.textOrEmpty(delta, "signature"));
      case "input_json_delta" -> input(block, Json.textOrEmpty(delta, "partial_json"));
      default -> List.of();
    };
  }

  private List<Delta> input(Block block, String json) {
    if (block.type.equals("tool_use")) {
      block.argued |= !json.isEmpty();
      return piece(DeltaKind.TOOL_CALL, block, json);
    }
    gathered += json.length();
    if (gathered > Limits.LARGEST_TEXT_BYTES) {
      fail(OpenAiAnswer.tooLarge(Bill.NONE));
    } else {
      block.input.append(json);
    }
    return List.of();
  }

  private List<Delta> end(@Nullable Block block) {
    if (block == null) {
      return List.of();
    }
    switch (block.type) {
      case "text", "thinking", "redacted_thinking" -> {}
      case "tool_use" -> {
        if (!block.argued) { // A tool without arguments, or a server that tells them at once.
          JsonNode whole = block.start.path("input");
          return piece(DeltaKind.TOOL_CALL, block, whole.isObject() ? Json.write(whole) : "{}");
        }
      }
      default -> {
        JsonNode input = block.input.isEmpty() ? null : Json.tree(block.input.toString());
        if (input != null) {
          block.start.set("input", input);
        }
        assembly().add(0, part(block), AnthropicAnswer.raw(block.start));
      }
    }
    return List.of();
  }

  private List<Delta> piece(DeltaKind kind, Block block, String text) {
    return text.isEmpty() ? List.of() : List.of(AnthropicAnswer.piece(kind, part(block), text));
  }

  private int part(Block block) {
    block.part = block.part < 0 ? parts++ : block.part;
    return block.part;
  }

  @Override
  void done() {
    // Anthropic says so otherwise; copies that send [DONE] have sent message_stop before.
  }

  @Override
  boolean finished() {
    return stopped;
  }

  @Override
  boolean complete() {
    return stopped && stop != null;
  }

  @Override
  boolean silent() {
    return !begun;
  }

  @Override
  boolean usageIsWhole() {
    return complete();
  }

  @Override
  Result answer() {
    for (Block block : List.copyOf(blocks.values())) { // Blocks that nobody ended.
      end(block).forEach(assembly()::add);
    }
    return AnthropicAnswer.finished(
        question(), assembly(), stop == null ? "" : stop, stopSequence, bill());
  }

  @Override
  Bill bill() {
    ObjectNode holder = Json.object();
    holder.set("usage", usage);
    return AnthropicAnswer.bill(question(), model, holder);
  }
}
