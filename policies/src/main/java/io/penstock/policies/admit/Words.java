package io.penstock.policies.admit;

import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.List;

/**
 * What a caller calls the fields of a request, so that a fault is named in the words it was written
 * in. A place is exact for whatever an API writes one to one; Anthropic's turns are counted without
 * the system text, which stands beside them there.
 */
record Words(Dialect dialect) {

  static Words of(InferenceRequest request) {
    return new Words(request.getDialect());
  }

  private boolean anthropic() {
    return dialect == Dialect.ANTHROPIC;
  }

  String turn(List<Message> messages, int index) {
    if (!anthropic()) {
      return "messages[" + index + "]";
    }
    if (messages.get(index).getRole().equals(Roles.SYSTEM)) {
      return "system";
    }
    long before =
        messages.subList(0, index).stream().filter(m -> m.getRole().equals(Roles.SYSTEM)).count();
    return "messages[" + (index - before) + "]";
  }

  /**
   * The place of a part; OpenAI counts tool calls apart from content, and has one result a turn.
   */
  String part(String turn, List<?> parts, int index) {
    Object part = parts.get(index);
    if (anthropic()) {
      return turn + ".content[" + index + "]";
    }
    if (part instanceof ToolResult) {
      return turn;
    }
    boolean call = part instanceof ToolCall;
    long before =
        parts.subList(0, index).stream().filter(p -> p instanceof ToolCall == call).count();
    return turn + (call ? ".tool_calls[" : ".content[") + before + "]";
  }

  String image() {
    return anthropic() ? ".source" : ".image_url";
  }

  String callName() {
    return anthropic() ? ".name" : ".function.name";
  }

  String callId() {
    return anthropic() ? ".tool_use_id" : ".tool_call_id";
  }

  String toolName() {
    return anthropic() ? ".name" : ".function.name";
  }

  String toolParameters() {
    return anthropic() ? ".input_schema" : ".function.parameters";
  }

  String stop() {
    return anthropic() ? "stop_sequences" : "stop";
  }

  String format() {
    return anthropic() ? "output_config.format" : "response_format";
  }

  String formatSchema() {
    return format() + (anthropic() ? ".schema" : ".json_schema.schema");
  }

  String effort() {
    return anthropic() ? "output_config.effort" : "reasoning_effort";
  }
}
