package io.penstock.ingress.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.stream.Replay;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.Status;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessagesTellingTest {
  private static final Answer ANSWER =
      new Answer(
          "hi",
          "stop",
          List.of(
              new Reasoning("", null, "c2VjcmV0"),
              new RawPart(
                  "server_tool_use", "{\"type\":\"server_tool_use\",\n\"id\":\"s1\"}", null),
              new TextPart("hi", null),
              new ToolCall("c1", "f", "not json", null)),
          "END",
          null,
          null,
          List.of(),
          List.of(),
          null);

  @Test
  void everyPartBecomesABlockInItsOrder() {
    var telling = new MessagesTelling("r1");
    String told =
        new String(telling.more("small", Replay.of(ANSWER)), StandardCharsets.UTF_8)
            + new String(telling.end(response()), StandardCharsets.UTF_8);
    assertThat(told.lines().filter(line -> line.contains("\"content_block")))
        .containsExactly(
            "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"redacted_thinking\",\"data\":\"c2VjcmV0\"}}",
            "data: {\"type\":\"content_block_stop\",\"index\":0}",
            "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"server_tool_use\",\"id\":\"s1\"}}",
            "data: {\"type\":\"content_block_stop\",\"index\":1}",
            "data: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
            "data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}",
            "data: {\"type\":\"content_block_stop\",\"index\":2}",
            "data: {\"type\":\"content_block_start\",\"index\":3,\"content_block\":{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"f\",\"input\":{}}}",
            "data: {\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"not json\"}}",
            "data: {\"type\":\"content_block_stop\",\"index\":3}");
    assertThat(told).contains("\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"END\"");
  }

  @Test
  void argumentsThatAreNoObjectAreKeptUnderANameOfTheirOwn() {
    String message = new String(MessagesWriter.message(response(), ANSWER), StandardCharsets.UTF_8);
    assertThat(message)
        .contains("\"name\":\"f\",\"input\":{\"_unparsed\":\"not json\"}")
        .contains("{\"type\":\"server_tool_use\",\"id\":\"s1\"}");
  }

  private static InferenceResponse response() {
    return InferenceResponse.newBuilder()
        .setId("r1")
        .setTenant("acme")
        .setLane(Lane.STANDARD)
        .setStatus(Status.ANSWERED)
        .setAnswer(ANSWER)
        .setAcceptedAt(Instant.EPOCH)
        .setCompletedAt(Instant.EPOCH)
        .build();
  }
}
