package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletion.Choice.FinishReason;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import io.penstock.infra.engine.Closing;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The official Java SDKs, unmodified, through the whole engine to the simulator and back; through a
 * Penstock that runs already where {@code -Dpenstock.url} names one.
 */
final class OfficialSdksTest {
  private static final String GPT = "gpt-4o-mini";
  private static final String CLAUDE = "claude-haiku-4-5";
  private static final AtomicInteger ASKED = new AtomicInteger();
  private static final Closing CLOSING = new Closing();

  @TempDir static Path directory;

  private static URI penstock;
  private static OpenAIClient openai;
  private static AnthropicClient anthropic;

  @BeforeAll
  static void connect() {
    String running = System.getProperty("penstock.url", "");
    penstock =
        running.isEmpty()
            ? UpCommand.start(TestingUp.quick(directory), CLOSING).http()
            : URI.create(running);
    openai =
        OpenAIOkHttpClient.builder()
            .baseUrl(penstock.resolve("/v1").toString())
            .apiKey("any")
            .maxRetries(0)
            .build();
    anthropic =
        AnthropicOkHttpClient.builder()
            .baseUrl(penstock.toString().replaceAll("/$", ""))
            .apiKey("any")
            .maxRetries(0)
            .build();
    CLOSING.add(openai::close);
    CLOSING.add(anthropic::close);
  }

  @AfterAll
  static void stop() {
    CLOSING.close();
  }

  @Test
  void openaiChats() {
    ChatCompletion completion = openai.chat().completions().create(chat().build());

    ChatCompletion.Choice choice = completion.choices().getFirst();
    assertThat(choice.message().content()).get().asString().isNotBlank();
    assertThat(choice.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(completion.usage().orElseThrow().completionTokens()).isPositive();
  }

  @Test
  void openaiStreamsWhatItHadSaidPlainly() {
    ChatCompletionCreateParams params =
        chat()
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    ChatCompletion streamed = streamed(params);

    ChatCompletion plain =
        openai
            .chat()
            .completions()
            .create(params.toBuilder().streamOptions((ChatCompletionStreamOptions) null).build());

    assertThat(streamed.choices().getFirst().message().content())
        .isEqualTo(plain.choices().getFirst().message().content());
    assertThat(streamed.usage().orElseThrow().completionTokens())
        .isEqualTo(plain.usage().orElseThrow().completionTokens());
  }

  @Test
  void openaiFindsItsToolCalledPlainlyAndInAStreamAndGoesOnAfterItsResult() {
    ChatCompletionCreateParams params =
        chat().addUserMessage("Ask Weather.").addTool(Weather.class).build();
    ChatCompletion streamed = streamed(params);
    ChatCompletion.Choice called = openai.chat().completions().create(params).choices().getFirst();

    assertThat(called.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    var message = called.message();
    var call = message.toolCalls().orElseThrow().getFirst().asFunction();
    assertThat(call.function().arguments(Weather.class).city).isNotBlank();
    assertThat(
            streamed
                .choices()
                .getFirst()
                .message()
                .toolCalls()
                .orElseThrow()
                .getFirst()
                .asFunction()
                .function()
                .arguments())
        .isEqualTo(call.function().arguments());
    ChatCompletion after =
        openai
            .chat()
            .completions()
            .create(
                params.toBuilder()
                    .addMessage(message)
                    .addMessage(
                        ChatCompletionToolMessageParam.builder()
                            .toolCallId(call.id())
                            .content("rain")
                            .build())
                    .build());
    assertThat(after.choices().getFirst().finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void openaiReadsStructuredOutput() {
    var completion =
        openai.chat().completions().create(chat().responseFormat(Weather.class).build());

    Weather weather = completion.choices().getFirst().message().content().orElseThrow();
    assertThat(weather.city).isNotBlank();
    assertThat(weather.days).isNotEmpty();
  }

  @Test
  void openaiReadsEmbeddings() {
    var response =
        openai
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("text-embedding-3-small")
                    .inputOfArrayOfStrings(List.of("dam", "gate " + ASKED.incrementAndGet()))
                    .dimensions(8)
                    .build());

    assertThat(response.data()).hasSize(2).allMatch(vector -> vector.embedding().size() == 8);
  }

  @Test
  void openaiBatchesAFileWhoseEqualLinesAreAllAnsweredAndPaidOnce() throws IOException {
    int run = ASKED.incrementAndGet();
    String lines =
        IntStream.range(0, 12)
            .mapToObj(i ->
                """
                {"custom_id":"l%d","method":"POST","url":"/v1/chat/completions",\
                "body":{"model":"%s","messages":[{"role":"user","content":"batch %d.%d of many"}]}}
                """
                    .formatted(i, GPT, run, i / 3))
            .collect(Collectors.joining());
    String file =
        openai
            .files()
            .create(
                FileCreateParams.builder()
                    .purpose(FilePurpose.BATCH)
                    .file(lines.getBytes(StandardCharsets.UTF_8))
                    .build())
            .id();
    String id =
        openai
            .batches()
            .create(
                BatchCreateParams.builder()
                    .inputFileId(file)
                    .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                    .completionWindow(BatchCreateParams.CompletionWindow._24H)
                    .build())
            .id();
    Batch batch =
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> openai.batches().retrieve(id), b -> b.completedAt().isPresent());

    assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(12);
    var json = new ObjectMapper();
    try (var told = penstock.resolve("/v1/batches/" + id).toURL().openStream()) {
      assertThat(json.readTree(told).at("/penstock/served_by/provider").asInt()).isEqualTo(4);
    }
    var answers = new HashMap<String, Set<String>>();
    try (var content = openai.files().content(batch.outputFileId().orElseThrow())) {
      for (String line :
          new String(content.body().readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        JsonNode answer = json.readTree(line);
        answers
            .computeIfAbsent(
                answer.at("/response/body/choices/0/message/content").asText(),
                _ -> new HashSet<>())
            .add(answer.get("custom_id").asText());
      }
    }
    assertThat(answers.values().stream().flatMap(Set::stream)).hasSize(12);
  }

  @Test
  void openaiListsTheModels() {
    assertThat(openai.models().list().data()).anyMatch(model -> model.id().equals(GPT));
  }

  @Test
  void openaiSeesErrorsAsTheirTypes() {
    assertThatThrownBy(
            () -> openai.chat().completions().create(chat().model("no-such-model").build()))
        .isInstanceOf(com.openai.errors.NotFoundException.class);
    assertThatThrownBy(() -> openai.chat().completions().create(chat().temperature(9).build()))
        .isInstanceOf(com.openai.errors.BadRequestException.class);
    assertThatThrownBy(() -> streamed(chat().temperature(9).build()))
        .isInstanceOf(com.openai.errors.BadRequestException.class);
  }

  @Test
  void anthropicChats() {
    Message message = anthropic.messages().create(message().build());

    assertThat(message.content().getFirst().asText().text()).isNotBlank();
    assertThat(message.stopReason()).hasValue(StopReason.END_TURN);
    assertThat(message.usage().outputTokens()).isPositive();
  }

  @Test
  void anthropicStreamsWhatItHadSaidPlainly() {
    MessageCreateParams params = message().build();
    Message streamed = streamed(params);
    Message plain = anthropic.messages().create(params);

    assertThat(streamed.content()).isEqualTo(plain.content());
    assertThat(streamed.usage().outputTokens()).isEqualTo(plain.usage().outputTokens());
  }

  @Test
  void anthropicFindsItsToolCalledPlainlyAndInAStream() {
    var properties =
        Tool.InputSchema.Properties.builder()
            .putAdditionalProperty("city", JsonValue.from(Map.of("type", "string")))
            .build();
    MessageCreateParams params =
        message()
            .addUserMessage("Ask Weather.")
            .addTool(
                Tool.builder()
                    .name("Weather")
                    .inputSchema(Tool.InputSchema.builder().properties(properties).build())
                    .build())
            .build();
    Message streamed = streamed(params);
    Message plain = anthropic.messages().create(params);

    assertThat(plain.stopReason()).hasValue(StopReason.TOOL_USE);
    assertThat(plain.content().getLast().asToolUse().name()).isEqualTo("Weather");
    assertThat(streamed.content().getLast().asToolUse()._input())
        .isEqualTo(plain.content().getLast().asToolUse()._input());
  }

  @Test
  void anthropicReadsStructuredOutput() {
    var message = anthropic.messages().create(message().outputConfig(Weather.class).build());

    assertThat(message.content().getFirst().asText().text().city).isNotBlank();
  }

  @Test
  void anthropicReadsThoughtAndItsSignatureFromAStream() {
    MessageCreateParams params = message().maxTokens(4_000).enabledThinking(1_024).build();
    Message streamed = streamed(params);
    Message plain = anthropic.messages().create(params);

    assertThat(plain.content().getFirst().asThinking().signature()).isNotBlank();
    assertThat(streamed.content()).isEqualTo(plain.content());
  }

  @Test
  void anthropicListsTheModels() {
    assertThat(anthropic.models().list().data()).anyMatch(model -> model.id().equals(CLAUDE));
  }

  @Test
  void anthropicSeesErrorsAsTheirTypes() {
    assertThatThrownBy(() -> anthropic.messages().create(message().model("no-such-model").build()))
        .isInstanceOf(com.anthropic.errors.NotFoundException.class);
    assertThatThrownBy(() ->
            anthropic
                .messages()
                .create(
                    message().putAdditionalBodyProperty("temperature", JsonValue.from(9)).build()))
        .isInstanceOf(com.anthropic.errors.BadRequestException.class);
    assertThatThrownBy(() ->
            streamed(message().putAdditionalBodyProperty("temperature", JsonValue.from(9)).build()))
        .isInstanceOf(com.anthropic.errors.BadRequestException.class);
  }

  /** A tool, and a shape of output: the SDKs make a schema of it. */
  static final class Weather {
    public String city = "";
    public double degrees;
    public List<String> days = List.of();
  }

  private static ChatCompletion streamed(ChatCompletionCreateParams params) {
    var pieces = ChatCompletionAccumulator.create();
    try (var stream = openai.chat().completions().createStreaming(params)) {
      stream.stream().forEach(pieces::accumulate);
    }
    return pieces.chatCompletion();
  }

  private static Message streamed(MessageCreateParams params) {
    var pieces = MessageAccumulator.create();
    try (var stream = anthropic.messages().createStreaming(params)) {
      stream.stream().forEach(pieces::accumulate);
    }
    return pieces.message();
  }

  private static ChatCompletionCreateParams.Builder chat() {
    return ChatCompletionCreateParams.builder().model(GPT).addUserMessage(question());
  }

  private static MessageCreateParams.Builder message() {
    return MessageCreateParams.builder().model(CLAUDE).maxTokens(1_000).addUserMessage(question());
  }

  private static String question() {
    return "Who turns wheel number " + ASKED.incrementAndGet() + "?";
  }
}
