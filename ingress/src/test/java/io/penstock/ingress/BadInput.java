package io.penstock.ingress;

import java.util.stream.Stream;

/** Bodies that must be refused, with the reason and the field. */
final class BadInput {
  private BadInput() {}

  static Stream<String[]> table() {
    return Stream.of(
        // Malformed JSON.
        bad("", "malformed_json", ""),
        bad("   ", "malformed_json", ""),
        bad("{", "malformed_json", ""),
        bad("{\"prompt\":\"x\"", "malformed_json", ""),
        bad("{\"prompt\":\"x\",}", "malformed_json", ""),
        bad("{'prompt':'x'}", "malformed_json", ""),
        bad("{\"prompt\":\"x\"} {}", "malformed_json", ""),
        bad("{\"prompt\":\"x\",\"prompt\":\"y\"}", "malformed_json", ""),
        bad("{\"prompt\":\"x\",\"metadata\":{\"a\":\"b\",\"a\":\"c\"}}", "malformed_json", ""),
        bad("{\"prompt\":\"line\nbreak\"}", "malformed_json", ""),
        bad("{\"prompt\":\"nul\0\"}", "malformed_json", ""),
        bad("{\"prompt\":\"\\x\"}", "malformed_json", ""),
        bad("{\"prompt\":\"x\",\"temperature\":NaN}", "malformed_json", ""),
        bad("{\"prompt\":\"x\",\"max_tokens\":01}", "malformed_json", ""),
        bad("[".repeat(100_000), "malformed_json", ""),
        bad("{\"prompt\":" + "[".repeat(100_000), "malformed_json", ""),
        bad("{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000), "malformed_json", ""),
        bad("hello", "malformed_json", ""),
        // Unknown fields, all named, the first as the field.
        bad("{\"prompt\":\"x\",\"colour\":1}", "unknown_field", "colour"),
        bad("{\"colour\":{\"deep\":[1]},\"size\":2,\"prompt\":\"x\"}", "unknown_field", "colour"),
        bad("{\"colour\":1}", "unknown_field", "colour"),
        bad(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"nick\":\"y\"}]}",
            "unknown_field",
            "messages[0].nick"),
        // Wrong types.
        bad("[]", "wrong_type", ""),
        bad("\"prompt\"", "wrong_type", ""),
        bad("null", "wrong_type", ""),
        bad("{\"prompt\":7}", "wrong_type", "prompt"),
        bad("{\"messages\":[null]}", "wrong_type", "messages[0]"),
        bad(
            "{\"messages\":[{\"role\":\"user\",\"content\":null}]}",
            "wrong_type",
            "messages[0].content"),
        bad("{\"prompt\":\"x\",\"metadata\":{\"a\":null}}", "wrong_type", "metadata.a"),
        bad("{\"prompt\":\"x\",\"colour\":null}", "unknown_field", "colour"),
        bad("{\"prompt\":[\"x\"]}", "wrong_type", "prompt"),
        bad("{\"messages\":\"x\"}", "wrong_type", "messages"),
        bad("{\"messages\":[\"x\"]}", "wrong_type", "messages[0]"),
        bad("{\"messages\":[{\"role\":1,\"content\":\"x\"}]}", "wrong_type", "messages[0].role"),
        bad(
            "{\"messages\":[{\"role\":\"user\",\"content\":{}}]}",
            "wrong_type",
            "messages[0].content"),
        bad(
            "{\"messages\":[{\"role\":\"user\",\"content\":[7]}]}",
            "wrong_type",
            "messages[0].content[0]"),
        bad(
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"song\"}]}]}",
            "invalid_value",
            "messages[0].content[0].type"),
        bad("{\"prompt\":\"x\",\"model\":5}", "wrong_type", "model"),
        bad("{\"prompt\":\"x\",\"max_tokens\":\"5\"}", "wrong_type", "max_tokens"),
        bad("{\"prompt\":\"x\",\"max_tokens\":5.5}", "wrong_type", "max_tokens"),
        bad("{\"prompt\":\"x\",\"temperature\":\"hot\"}", "wrong_type", "temperature"),
        bad("{\"prompt\":\"x\",\"priority\":1}", "wrong_type", "priority"),
        bad("{\"prompt\":\"x\",\"use_cache\":\"yes\"}", "wrong_type", "use_cache"),
        bad("{\"prompt\":\"x\",\"deadline_ms\":\"soon\"}", "wrong_type", "deadline_ms"),
        bad("{\"prompt\":\"x\",\"deadline_ms\":1.5}", "wrong_type", "deadline_ms"),
        bad("{\"prompt\":\"x\",\"metadata\":[]}", "wrong_type", "metadata"),
        bad("{\"prompt\":\"x\",\"metadata\":{\"a\":1}}", "wrong_type", "metadata.a"),
        bad("{\"prompt\":\"x\",\"metadata\":{\"a\":true}}", "wrong_type", "metadata.a"),
        bad("{\"prompt\":\"x\",\"metadata\":{\"a\":{}}}", "wrong_type", "metadata.a"),
        // Missing and contradictory.
        bad("{}", "missing_field", "prompt"),
        bad("{\"prompt\":null}", "missing_field", "prompt"),
        bad("{\"prompt\":null,\"messages\":null}", "missing_field", "prompt"),
        bad("{\"model\":\"small\"}", "missing_field", "prompt"),
        bad("{\"messages\":[{\"role\":\"user\"}]}", "missing_field", "messages[0].content"),
        bad("{\"messages\":[{\"content\":\"x\"}]}", "missing_field", "messages[0].role"),
        bad(
            "{\"prompt\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
            "invalid_value",
            "messages"),
        // Values.
        bad("{\"prompt\":\"\"}", "empty_prompt", "prompt"),
        bad("{\"prompt\":\" \\n\\t \"}", "empty_prompt", "prompt"),
        bad("{\"messages\":[]}", "empty_prompt", "messages"),
        bad("{\"messages\":[{\"role\":\"user\",\"content\":[]}]}", "empty_prompt", "messages"),
        bad("{\"prompt\":\"x\",\"tools\":[1]}", "wrong_type", "tools[0]"),
        bad("{\"prompt\":\"x\",\"tools\":[\"\\ud83d\"]}", "invalid_value", "tools"),
        bad("{\"prompt\":\"x\",\"tool_choice\":{\"odd\":1}}", "unknown_field", "tool_choice"),
        bad("{\"prompt\":\"x\",\"cache\":\"sometimes\"}", "invalid_value", "cache"),
        bad("{\"prompt\":\"x\",\"stream\":\"yes\"}", "wrong_type", "stream"),
        bad("{\"prompt\":\"x\",\"n\":0}", "invalid_value", "n"),
        bad("{\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}", "empty_prompt", "messages"),
        bad(
            "{\"messages\":[{\"role\":\"king\",\"content\":\"x\"}]}",
            "invalid_value",
            "messages[0].role"),
        bad("{\"prompt\":\"half \\ud83d a pair\"}", "invalid_value", "prompt"),
        bad("{\"prompt\":\"x\",\"model\":\"\\udc00\"}", "invalid_value", "model"),
        bad("{\"prompt\":\"x\",\"priority\":\"urgent\"}", "unknown_lane", "priority"),
        bad("{\"prompt\":\"x\",\"priority\":\"EXPRESS\"}", "unknown_lane", "priority"),
        bad("{\"prompt\":\"x\",\"deadline_ms\":-1}", "invalid_deadline", "deadline_ms"),
        bad("{\"prompt\":\"x\",\"deadline_ms\":0}", "invalid_deadline", "deadline_ms"),
        bad("{\"prompt\":\"x\",\"deadline_ms\":86400001}", "invalid_deadline", "deadline_ms"),
        bad(
            "{\"prompt\":\"x\",\"deadline_ms\":9223372036854775807}",
            "invalid_deadline",
            "deadline_ms"),
        bad(
            "{\"prompt\":\"x\",\"deadline_ms\":-9223372036854775808}",
            "invalid_deadline",
            "deadline_ms"),
        bad(
            "{\"prompt\":\"x\",\"deadline_ms\":99999999999999999999}",
            "invalid_deadline",
            "deadline_ms"),
        bad("{\"prompt\":\"x\",\"model\":\"unheard-of\"}", "unknown_model", "model"),
        bad("{\"prompt\":\"x\",\"model\":\"\"}", "unknown_model", "model"),
        bad("{\"prompt\":\"x\",\"max_tokens\":0}", "invalid_value", "max_tokens"),
        bad("{\"prompt\":\"x\",\"max_tokens\":-5}", "invalid_value", "max_tokens"),
        bad("{\"prompt\":\"x\",\"max_tokens\":3000000000}", "invalid_value", "max_tokens"),
        bad("{\"prompt\":\"x\",\"temperature\":2.1}", "invalid_value", "temperature"),
        bad("{\"prompt\":\"x\",\"temperature\":-0.1}", "invalid_value", "temperature"),
        bad("{\"prompt\":\"x\",\"temperature\":1e999}", "invalid_value", "temperature"),
        bad(
            "{\"prompt\":\"x\",\"metadata\":{\"a\":\"" + "x".repeat(17_000) + "\"}}",
            "invalid_value",
            "metadata"));
  }

  private static String[] bad(String body, String code, String field) {
    return new String[] {body, code, field};
  }
}
