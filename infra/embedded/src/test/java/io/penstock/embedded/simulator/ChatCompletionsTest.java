package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.JSON;
import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.streamed;
import static io.penstock.embedded.simulator.TestingSimulator.streamedWithUsage;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.embedded.simulator.TestingSimulator.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatCompletionsTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  @Test
  void aCompletionHasOpenAisShape() throws IOException {
    Reply reply = simulator.complete(chat("gpt-test", "Who turns the wheel?"));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.headers().get("content-type")).isEqualTo("application/json");
    assertThat(reply.headers().get("x-request-id")).isNotBlank();
    JsonNode json = reply.json();
    assertThat(json.path("id").textValue()).startsWith("chatcmpl-");
    assertThat(json.path("object").textValue()).isEqualTo("chat.completion");
    assertThat(json.path("model").textValue()).isEqualTo("gpt-test");
    assertThat(json.path("service_tier").textValue()).isEqualTo("default");
    JsonNode choice = json.path("choices").path(0);
    assertThat(choice.path("message").path("role").textValue()).isEqualTo("assistant");
    assertThat(choice.path("message").path("content").textValue()).isNotBlank().endsWith(".");
    assertThat(choice.path("finish_reason").textValue()).isEqualTo("stop");
  }

  @Test
  void tokensAreAQuarterOfTheBytesAndFourForEachMessage() throws IOException {
    ObjectNode body = chat("gpt-test", "nine byte");
    body.withArray("messages").addObject().put("role", "user").put("content", "größe");

    JsonNode usage = simulator.complete(body).json().path("usage");

    assertThat(usage.path("prompt_tokens").intValue()).isEqualTo(4 + 3 + 4 + 2);
    assertThat(usage.path("total_tokens").intValue())
        .isEqualTo(13 + usage.path("completion_tokens").intValue());
  }

  @Test
  void aLimitCutsTheAnswerAndSaysSo() throws IOException {
    String whole = text(simulator.complete(chat("gpt-test", "hi")).json());

    JsonNode cut = simulator.complete(chat("gpt-test", "hi").put("max_tokens", 7)).json();

    assertThat(text(cut)).hasSize(28).isEqualTo(whole.substring(0, 28));
    assertThat(cut.path("choices").path(0).path("finish_reason").textValue()).isEqualTo("length");
    assertThat(cut.path("usage").path("completion_tokens").intValue()).isEqualTo(7);
  }

  @Test
  void theNewerNameOfTheLimitCountsBeforeTheOlder() throws IOException {
    ObjectNode body = chat("gpt-test", "hi").put("max_tokens", 9).put("max_completion_tokens", 5);

    assertThat(simulator.complete(body).json().at("/usage/completion_tokens").intValue())
        .isEqualTo(5);
  }

  @Test
  void aStreamBeginsWithTheRoleAndEndsWithReasonUsageAndDone() throws IOException {
    JsonNode whole = simulator.complete(chat("gpt-test", "hi")).json();

    Reply reply = simulator.complete(streamedWithUsage(chat("gpt-test", "hi")));

    assertThat(reply.headers().get("content-type")).startsWith("text/event-stream");
    assertThat(reply.body()).endsWith("data: [DONE]\n\n");
    List<JsonNode> chunks = chunks(reply.body());
    assertThat(chunks.getFirst().at("/choices/0/delta/role").textValue()).isEqualTo("assistant");
    JsonNode usage = chunks.removeLast();
    assertThat(usage.path("choices")).isEmpty();
    assertThat(usage.path("usage")).isEqualTo(whole.path("usage"));
    assertThat(chunks.getLast().at("/choices/0/delta")).isEmpty();
    assertThat(chunks.getLast().at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
    assertThat(chunks)
        .allMatch(chunk -> chunk.has("usage") && chunk.path("usage").isNull())
        .allMatch(chunk -> chunk.path("object").textValue().equals("chat.completion.chunk"));
    assertThat(streamedText(chunks)).isEqualTo(text(whole));
  }

  @Test
  void aStreamSaysNothingOfUsageUnlessAsked() throws IOException {
    Reply reply = simulator.complete(streamed(chat("gpt-test", "hi")));

    assertThat(reply.body()).doesNotContain("usage").endsWith("data: [DONE]\n\n");
  }

  @Test
  void everyModelOfTheCatalogueIsListed() throws IOException {
    JsonNode list = simulator.get("/v1/models").json();

    assertThat(list.path("object").textValue()).isEqualTo("list");
    assertThat(list.path("data").findValuesAsText("id"))
        .containsExactly(
            "bare",
            "claude-test",
            "gpt-long",
            "gpt-test",
            "text-embedding-large",
            "text-embedding-test");
    assertThat(list.path("data").findValuesAsText("owned_by")).contains("anthropic", "openai");
  }

  @Test
  void anUnknownModelIsNotFound() throws IOException {
    Reply reply = simulator.complete(chat("gpt-none", "hi"));

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.json().at("/error/code").textValue()).isEqualTo("model_not_found");
    assertThat(reply.json().at("/error/type").textValue()).isEqualTo("invalid_request_error");
    assertThat(reply.json().at("/error/message").textValue()).contains("gpt-none");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\": | body",
        "[] | body",
        "{} | model",
        "{\"model\": \"gpt-test\"} | messages",
        "{\"model\": \"gpt-test\", \"messages\": []} | messages",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\"}]} | messages[0].content",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"x\"}]} | messages[0].role",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"max_tokens\": 0} | max_tokens",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"stream\": 1} | stream",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"temperature\": 3} | temperature",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"n\": 129} | n",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"stop\": [\"\"]} | stop",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"service_tier\": \"gold\"} | service_tier",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"reasoning_effort\": \"vast\"} | reasoning_effort",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"tools\": [{\"type\": \"function\", \"function\": {}}]}"
            + " | tools[0].function.name",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"tool_choice\": \"required\"} | tool_choice",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"tool\", \"content\": \"hi\","
            + " \"tool_call_id\": \"x\"}]} | messages[0].tool_call_id",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"response_format\": {\"type\": \"json_schema\", \"json_schema\": {}}}"
            + " | response_format.json_schema.name",
        "{\"model\": \"gpt-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"prompt_cache_options\": {\"mode\": \"explicit\"}} | prompt_cache_options",
      })
  void aWrongRequestIsRefusedWithItsField(String body, String field) throws IOException {
    Reply reply = simulator.post("/v1/chat/completions", body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/type").textValue()).isEqualTo("invalid_request_error");
    assertThat(reply.json().at("/error/param").textValue()).isEqualTo(field);
  }

  @Test
  void aRequestAboveTheLargestIsTooLarge() throws IOException {
    Reply reply =
        simulator.post("/v1/chat/completions", "x".repeat(Simulator.LARGEST_BODY_BYTES + 1));

    assertThat(reply.status()).isEqualTo(413);
  }

  @Test
  void severalChoicesAreSeveralAnswersAndAllAreBilled() throws IOException {
    ObjectNode body = chat("gpt-test", "hi").put("max_tokens", 10);
    JsonNode one = simulator.complete(body).json();

    JsonNode three = simulator.complete(body.put("n", 3)).json();

    assertThat(three.path("choices")).hasSize(3);
    assertThat(three.path("choices").findValuesAsText("index")).containsExactly("0", "1", "2");
    assertThat(text(three)).isEqualTo(text(one));
    assertThat(three.path("choices").findValuesAsText("content")).doesNotHaveDuplicates();
    assertThat(three.at("/usage/completion_tokens").intValue()).isEqualTo(30);
    assertThat(simulator.statsOf("gpt-test").path("output_tokens").intValue()).isEqualTo(40);
  }

  @Test
  void severalChoicesAreStreamedSideBySide() throws IOException {
    JsonNode whole = simulator.complete(chat("gpt-test", "hi").put("n", 2)).json();

    List<JsonNode> chunks =
        chunks(simulator.complete(streamedWithUsage(chat("gpt-test", "hi").put("n", 2))).body());

    for (int choice = 0; choice < 2; choice++) {
      StringBuilder text = new StringBuilder();
      for (JsonNode chunk : chunks) {
        if (chunk.at("/choices/0/index").asInt(-1) == choice) {
          text.append(chunk.at("/choices/0/delta/content").asText());
        }
      }
      assertThat(text.toString())
          .isEqualTo(whole.path("choices").path(choice).at("/message/content").textValue());
    }
    List<Integer> order = chunks.stream().map(c -> c.at("/choices/0/index").asInt(-1)).toList();
    assertThat(order.subList(2, 12)).contains(0, 1);
    assertThat(chunks.getLast().path("usage")).isEqualTo(whole.path("usage"));
  }

  @Test
  void aStopSequenceEndsTheAnswerBeforeIt() throws IOException {
    String whole = text(simulator.complete(chat("gpt-test", "hi")).json());
    String stop = whole.substring(40, 45);
    ObjectNode body = chat("gpt-test", "hi");
    body.putArray("stop").add("never said").add(stop);

    JsonNode stopped = simulator.complete(body).json();

    assertThat(text(stopped)).isEqualTo(whole.substring(0, whole.indexOf(stop))).isNotEmpty();
    assertThat(stopped.at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
    assertThat(stopped.at("/usage/completion_tokens").intValue())
        .isEqualTo((text(stopped).length() + 3) / 4);
  }

  @Test
  void whatIsThoughtCountsButIsNotShown() throws IOException {
    String plain = text(simulator.complete(chat("gpt-test", "hi")).json());

    JsonNode json =
        simulator.complete(chat("gpt-test", "hi").put("reasoning_effort", "medium")).json();

    int thought = json.at("/usage/completion_tokens_details/reasoning_tokens").intValue();
    assertThat(thought).isBetween(128, 256);
    assertThat(text(json)).isEqualTo(plain);
    assertThat(json.at("/usage/completion_tokens").intValue())
        .isEqualTo(thought + (plain.length() + 3) / 4);
  }

  @Test
  void aLimitMayLeaveNothingButThoughts() throws IOException {
    ObjectNode body =
        chat("gpt-test", "hi").put("reasoning_effort", "high").put("max_completion_tokens", 20);

    JsonNode json = simulator.complete(body).json();

    assertThat(text(json)).isEmpty();
    assertThat(json.at("/choices/0/finish_reason").textValue()).isEqualTo("length");
    assertThat(json.at("/usage/completion_tokens").intValue()).isEqualTo(20);
    assertThat(json.at("/usage/completion_tokens_details/reasoning_tokens").intValue())
        .isEqualTo(20);
  }

  @ParameterizedTest
  @CsvSource({
    "auto, default, 46",
    "default, default, 46",
    "flex, flex, 23",
    "priority, priority, 92",
    "fast, priority, 92"
  })
  void theServiceTierIsToldAndBilled(String asked, String told, String millionths)
      throws IOException {
    ObjectNode body =
        chat("gpt-test", TestingSimulator.prose(100))
            .put("max_tokens", 10)
            .put("service_tier", asked);

    assertThat(simulator.complete(body).json().path("service_tier").textValue()).isEqualTo(told);
    assertThat(simulator.cost().movePointRight(6)).isEqualByComparingTo(millionths);
    assertThat(chunks(simulator.complete(streamed(body)).body()))
        .allMatch(chunk -> chunk.path("service_tier").textValue().equals(told));
  }

  @ParameterizedTest
  @CsvSource({"high, 765", "low, 85"})
  void anImageCountsTheSameWhateverItsSize(String detail, int tokens) throws IOException {
    ObjectNode body = chat("gpt-test", "");
    ArrayNode content = ((ObjectNode) body.at("/messages/0")).putArray("content");
    content.addObject().put("type", "text").put("text", "what?");
    content
        .addObject()
        .put("type", "image_url")
        .putObject("image_url")
        .put("url", "data:image/png;base64," + "A".repeat(10_000))
        .put("detail", detail);

    assertThat(simulator.complete(body).json().at("/usage/prompt_tokens").intValue())
        .isEqualTo(4 + 2 + tokens);
  }

  @Test
  void aModelIsShownInTheFieldsOfBothProviders() throws IOException {
    JsonNode model = simulator.get("/v1/models/gpt-test").json();

    assertThat(model.path("object").textValue()).isEqualTo("model");
    assertThat(model.path("type").textValue()).isEqualTo("model");
    assertThat(model.path("created_at").textValue()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(simulator.get("/v1/models/none").status()).isEqualTo(404);
    assertThat(simulator.get("/v1/models").json().path("has_more").booleanValue()).isFalse();
  }

  private static String text(JsonNode completion) {
    return completion.at("/choices/0/message/content").textValue();
  }

  private static String streamedText(List<JsonNode> chunks) {
    StringBuilder text = new StringBuilder();
    chunks.forEach(chunk -> text.append(chunk.at("/choices/0/delta/content").asText()));
    return text.toString();
  }

  private static List<JsonNode> chunks(String stream) throws IOException {
    List<JsonNode> chunks = new ArrayList<>();
    for (String event : stream.strip().split("\n\n", -1)) {
      String data = event.substring("data: ".length());
      if (!data.equals("[DONE]")) {
        chunks.add(JSON.readTree(data));
      }
    }
    return chunks;
  }
}
