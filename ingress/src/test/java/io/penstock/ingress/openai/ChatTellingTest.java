package io.penstock.ingress.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.ingress.json.InferenceBody.Streaming;
import io.penstock.ingress.json.Tree;
import io.penstock.policies.stream.Piece;
import io.penstock.policies.stream.Replay;
import io.penstock.schemas.Answers;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Status;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChatTellingTest {
  private final ChatTelling telling =
      new ChatTelling("r1", Instant.ofEpochSecond(7), Streaming.YES);

  @Test
  void callsAreCountedAmongThemselvesAndNamedOnce() {
    var told = new ArrayList<JsonNode>();
    told.addAll(more(call(1, "a", "f", "{")));
    told.addAll(more(call(1, null, null, "}")));
    told.addAll(more(call(3, "b", "g", "{}")));
    assertThat(told.stream().map(chunk -> chunk.at("/choices/0/delta/tool_calls/0").toString()))
        .containsExactly(
            "", // the role
            "{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}",
            "{\"index\":0,\"function\":{\"arguments\":\"}\"}}",
            "{\"index\":1,\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}");
  }

  @Test
  void eachChoiceHasItsRoleItsReasonAndItsProbabilities() {
    Answer second = Answers.text("two", "length");
    Answer answer =
        new Answer(
            "one",
            "stop",
            List.of(),
            null,
            null,
            "{\"content\":\n[]}",
            List.of(),
            List.of(second),
            null);
    var chunks = chunks(telling.more("small", Replay.of(answer)));
    assertThat(chunks).hasSize(4);
    var end = chunks(telling.end(response(answer)));
    assertThat(end).hasSize(2);
    assertThat(end.get(0).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(end.get(0).at("/choices/0/logprobs/content").isArray()).isTrue();
    assertThat(end.get(0).has("penstock")).isFalse();
    assertThat(end.get(1).at("/choices/0/index").asInt()).isEqualTo(1);
    assertThat(end.get(1).at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(end.get(1).has("penstock")).isTrue();
    assertThat(end.get(1).get("created").asLong()).isEqualTo(7);
  }

  @Test
  void anEmptyAnswerHasARoleAndAnEnd() {
    var end = chunks(telling.end(response(Answers.text("", "stop"))));
    assertThat(end.get(0).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
    assertThat(end.get(1).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
  }

  @Test
  void aPlainAnswerHasAllChoicesCallsAndTheRefusal() {
    Answer refused =
        new Answer("", "content_filter", List.of(), null, "no", null, List.of(), List.of(), null);
    Answer answer =
        new Answer(
            "hi",
            "tool_calls",
            List.of(
                new TextPart("hi", null),
                new RawPart("odd", "{}", null),
                new ToolCall("a", "f", "{}", null)),
            null,
            null,
            null,
            List.of(),
            List.of(refused),
            null);
    JsonNode json = tree(ChatWriter.completion(response(answer), answer));
    assertThat(json.at("/choices/0/message/content").asText()).isEqualTo("hi");
    assertThat(json.at("/choices/0/message/tool_calls/0/function/name").asText()).isEqualTo("f");
    assertThat(json.at("/choices/1/message/content").isNull()).isTrue();
    assertThat(json.at("/choices/1/message/refusal").asText()).isEqualTo("no");
    assertThat(json.at("/choices/1/index").asInt()).isEqualTo(1);
    assertThat(json.has("usage")).as("unknown is not 0").isFalse();
  }

  private static Piece call(
      int part, @Nullable String id, @Nullable String name, String arguments) {
    return new Piece.More(new Delta(DeltaKind.TOOL_CALL, 0, part, arguments, id, name));
  }

  private List<JsonNode> more(Piece piece) {
    return chunks(telling.more("small", List.of(piece)));
  }

  private static List<JsonNode> chunks(byte[] events) {
    return new String(events, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .map(line -> tree(line.substring("data: ".length()).getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  private static JsonNode tree(byte[] json) {
    var read = Tree.parse(new String(json, StandardCharsets.UTF_8));
    if (read == null) {
      throw new AssertionError("no JSON: " + new String(json, StandardCharsets.UTF_8));
    }
    return read;
  }

  private static InferenceResponse response(Answer answer) {
    return InferenceResponse.newBuilder()
        .setId("r1")
        .setTenant("acme")
        .setLane(Lane.STANDARD)
        .setStatus(Status.ANSWERED)
        .setAnswer(answer)
        .setAcceptedAt(Instant.ofEpochSecond(7))
        .setCompletedAt(Instant.ofEpochSecond(8))
        .build();
  }
}
