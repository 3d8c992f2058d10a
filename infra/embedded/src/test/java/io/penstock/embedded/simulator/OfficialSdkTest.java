package io.penstock.embedded.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.chat.completions.StructuredChatCompletion;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionChoice;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OfficialSdkTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();
  private final OpenAIClient openai =
      OpenAIOkHttpClient.builder()
          .baseUrl(simulator.url("/v1"))
          .apiKey("any")
          .maxRetries(0)
          .build();
  private final AnthropicClient anthropic =
      AnthropicOkHttpClient.builder()
          .baseUrl(simulator.url(""))
          .apiKey("any")
          .maxRetries(0)
          .build();

  @AfterEach
  void stop() {
    openai.close();
    anthropic.close();
    simulator.close();
  }

  @Test
  void openaiCreatesACompletion() {
    ChatCompletion completion = openai.chat().completions().create(chat("gpt-test").build());

    ChatCompletion.Choice choice = completion.choices().getFirst();
    assertThat(choice.message().content())
        .hasValueSatisfying(text -> assertThat(text).isNotBlank());
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    assertThat(completion.usage().orElseThrow().promptTokens()).isEqualTo(9);
  }

  @Test
  void openaiStreamsTheSameText() {
    ChatCompletion completion = openai.chat().completions().create(chat("gpt-test").build());
    var params =
        chat("gpt-test")
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();

    List<ChatCompletionChunk> chunks;
    try (var stream = openai.chat().completions().createStreaming(params)) {
      chunks = stream.stream().toList();
    }

    StringBuilder text = new StringBuilder();
    chunks.stream()
        .flatMap(chunk -> chunk.choices().stream())
        .forEach(choice -> choice.delta().content().ifPresent(text::append));
    assertThat(completion.choices().getFirst().message().content()).hasValue(text.toString());
    assertThat(chunks.getLast().usage()).isEqualTo(completion.usage());
  }

  @Test
  void openaiSeesErrorsAsTheirTypes() throws IOException {
    assertThatThrownBy(() -> openai.chat().completions().create(chat("none").build()))
        .isInstanceOf(com.openai.errors.NotFoundException.class);
    assertThatThrownBy(
            () -> openai.chat().completions().create(chat("gpt-test").temperature(9).build()))
        .isInstanceOf(com.openai.errors.BadRequestException.class);
    simulator.failAlways("429");
    assertThatThrownBy(() -> openai.chat().completions().create(chat("gpt-test").build()))
        .isInstanceOf(com.openai.errors.RateLimitException.class);
    simulator.failAlways("529");
    assertThatThrownBy(() -> openai.chat().completions().create(chat("gpt-test").build()))
        .isInstanceOf(com.openai.errors.InternalServerException.class);
  }

  @Test
  void openaiListsTheModels() {
    assertThat(openai.models().list().data()).hasSize(6);
  }

  @Test
  void openaiFindsItsToolCalledWithArgumentsThatFit() {
    ChatCompletion completion = openai.chat().completions().create(asksForWeather().build());

    ChatCompletion.Choice choice = completion.choices().getFirst();
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    var call = choice.message().toolCalls().orElseThrow().getFirst().asFunction();
    assertThat(call.function().name()).isEqualTo("Weather");
    assertThat(call.function().arguments(Weather.class).city).isNotBlank();
    assertThat(call.function().arguments(Weather.class).days).isNotEmpty();
  }

  @Test
  void openaiPutsTheSameCallTogetherFromAStream() {
    ChatCompletion whole = openai.chat().completions().create(asksForWeather().build());
    ChatCompletionAccumulator pieces = ChatCompletionAccumulator.create();

    try (var stream = openai.chat().completions().createStreaming(asksForWeather().build())) {
      stream.stream().forEach(pieces::accumulate);
    }

    assertThat(pieces.chatCompletion().choices().getFirst().message().toolCalls())
        .isEqualTo(whole.choices().getFirst().message().toolCalls());
  }

  @Test
  void openaiGoesOnAfterTheResultOfATool() {
    ChatCompletion called = openai.chat().completions().create(asksForWeather().build());
    var message = called.choices().getFirst().message();
    var call = message.toolCalls().orElseThrow().getFirst().asFunction();

    ChatCompletion completion =
        openai
            .chat()
            .completions()
            .create(
                asksForWeather()
                    .addMessage(message)
                    .addMessage(
                        ChatCompletionToolMessageParam.builder()
                            .toolCallId(call.id())
                            .content("rain")
                            .build())
                    .build());

    assertThat(completion.choices().getFirst().finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
  }

  @Test
  void openaiReadsStructuredOutput() {
    StructuredChatCompletion<Weather> completion =
        openai.chat().completions().create(chat("gpt-test").responseFormat(Weather.class).build());

    Weather weather = completion.choices().getFirst().message().content().orElseThrow();
    assertThat(weather.city).isNotBlank();
    assertThat(weather.days).isNotEmpty();
  }

  @Test
  void openaiReadsEmbeddings() {
    var params =
        EmbeddingCreateParams.builder()
            .model("text-embedding-test")
            .inputOfArrayOfStrings(List.of("dam", "gate"))
            .dimensions(8)
            .build();

    CreateEmbeddingResponse response = openai.embeddings().create(params);

    assertThat(response.data()).hasSize(2).allMatch(vector -> vector.embedding().size() == 8);
    assertThat(response.usage().promptTokens()).isEqualTo(2);
  }

  @Test
  void openaiCompletesSeveralTexts() {
    Completion completion =
        openai
            .completions()
            .create(
                CompletionCreateParams.builder()
                    .model("gpt-test")
                    .promptOfArrayOfStrings(List.of("dam", "gate"))
                    .build());

    assertThat(completion.choices()).extracting(CompletionChoice::index).containsExactly(0L, 1L);
    assertThat(completion.choices()).allMatch(choice -> !choice.text().isBlank());
    assertThat(completion.usage().orElseThrow().promptTokens()).isEqualTo(2);
  }

  @Test
  void openaiSeesASpentQuotaAsARateLimitWithItsCode() throws IOException {
    simulator.failAlways("quota");

    assertThatThrownBy(() -> openai.chat().completions().create(chat("gpt-test").build()))
        .isInstanceOfSatisfying(
            com.openai.errors.RateLimitException.class,
            e -> assertThat(e.code()).hasValue("insufficient_quota"));
  }

  @Test
  void anErrorInMidStreamIsAnExceptionInBoth() throws IOException {
    simulator.failAlways("mid_stream_error");

    assertThatThrownBy(
            () -> {
              try (var stream =
                  openai.chat().completions().createStreaming(chat("gpt-test").build())) {
                stream.stream().forEach(chunk -> {});
              }
            })
        .isInstanceOf(com.openai.errors.OpenAIException.class);
    assertThatThrownBy(
            () -> {
              try (var stream =
                  anthropic.messages().createStreaming(message("claude-test").build())) {
                stream.stream().forEach(event -> {});
              }
            })
        .isInstanceOf(com.anthropic.errors.AnthropicException.class);
  }

  @Test
  void anthropicListsTheModels() {
    assertThat(anthropic.models().list().data())
        .hasSize(6)
        .anyMatch(model -> model.id().equals("claude-test"));
  }

  @Test
  void anthropicFindsItsToolCalledWithArgumentsThatFit() {
    Message message = anthropic.messages().create(messageForWeather().build());

    assertThat(message.stopReason()).hasValue(StopReason.TOOL_USE);
    var block =
        message.content().stream().flatMap(b -> b.toolUse().stream()).findFirst().orElseThrow();
    assertThat(block.name()).isEqualTo("Weather");
    Map<?, ?> input = (Map<?, ?>) block._input().asObject().orElseThrow();
    assertThat(input.keySet().toString()).isEqualTo("[city, degrees]");
  }

  @Test
  void anthropicPutsTheSameCallTogetherFromAStream() {
    Message whole = anthropic.messages().create(messageForWeather().build());
    MessageAccumulator pieces = MessageAccumulator.create();

    try (var stream = anthropic.messages().createStreaming(messageForWeather().build())) {
      stream.stream().forEach(pieces::accumulate);
    }

    assertThat(pieces.message().content()).hasSameSizeAs(whole.content());
    assertThat(pieces.message().content().getLast().asToolUse()._input())
        .isEqualTo(whole.content().getLast().asToolUse()._input());
    assertThat(pieces.message().usage().outputTokens()).isEqualTo(whole.usage().outputTokens());
  }

  @Test
  void anthropicReadsStructuredOutput() {
    var message =
        anthropic.messages().create(message("claude-test").outputConfig(Weather.class).build());

    Weather weather = message.content().getFirst().asText().text();
    assertThat(weather.city).isNotBlank();
  }

  @Test
  void anthropicReadsThoughtAndItsSignatureFromAStream() {
    var params = message("claude-test").maxTokens(4_000).enabledThinking(1_024).build();
    Message whole = anthropic.messages().create(params);
    MessageAccumulator pieces = MessageAccumulator.create();

    try (var stream = anthropic.messages().createStreaming(params)) {
      stream.stream().forEach(pieces::accumulate);
    }

    var thought = whole.content().getFirst().asThinking();
    assertThat(thought.signature()).isNotBlank();
    assertThat(pieces.message().content().getFirst().asThinking()).isEqualTo(thought);
  }

  @Test
  void anthropicCreatesAMessage() {
    Message message = anthropic.messages().create(message("claude-test").build());

    assertThat(message.content().getFirst().asText().text()).isNotBlank();
    assertThat(message.stopReason()).hasValue(StopReason.END_TURN);
    assertThat(message.usage().inputTokens()).isEqualTo(9);
  }

  @Test
  void anthropicStreamsTheSameText() {
    Message message = anthropic.messages().create(message("claude-test").build());

    List<RawMessageStreamEvent> events;
    try (var stream = anthropic.messages().createStreaming(message("claude-test").build())) {
      events = stream.stream().toList();
    }

    StringBuilder text = new StringBuilder();
    events.stream()
        .flatMap(event -> event.contentBlockDelta().stream())
        .forEach(block -> block.delta().text().ifPresent(delta -> text.append(delta.text())));
    assertThat(message.content().getFirst().asText().text()).isEqualTo(text.toString());
    assertThat(events.getLast().isMessageStop()).isTrue();
  }

  @Test
  void anthropicSeesErrorsAsTheirTypes() throws IOException {
    assertThatThrownBy(() -> anthropic.messages().create(message("none").build()))
        .isInstanceOf(com.anthropic.errors.NotFoundException.class);
    assertThatThrownBy(
            () -> anthropic.messages().create(message("claude-test").addUserMessage("").build()))
        .isInstanceOf(com.anthropic.errors.BadRequestException.class);
    simulator.failAlways("429");
    assertThatThrownBy(() -> anthropic.messages().create(message("claude-test").build()))
        .isInstanceOf(com.anthropic.errors.RateLimitException.class);
    simulator.failAlways("529");
    assertThatThrownBy(() -> anthropic.messages().create(message("claude-test").build()))
        .isInstanceOf(com.anthropic.errors.InternalServerException.class);
  }

  /** A tool, and a shape of output: the SDKs make a schema of it. */
  static final class Weather {
    public String city = "";
    public double degrees;
    public List<String> days = List.of();
  }

  private static ChatCompletionCreateParams.Builder asksForWeather() {
    return chat("gpt-test").addUserMessage("Ask Weather.").addTool(Weather.class);
  }

  private static MessageCreateParams.Builder messageForWeather() {
    var properties =
        Tool.InputSchema.Properties.builder()
            .putAdditionalProperty("city", JsonValue.from(Map.of("type", "string")))
            .putAdditionalProperty("degrees", JsonValue.from(Map.of("type", "number")))
            .build();
    Tool.InputSchema schema = Tool.InputSchema.builder().properties(properties).build();
    return message("claude-test")
        .addUserMessage("Ask Weather.")
        .addTool(Tool.builder().name("Weather").inputSchema(schema).build());
  }

  private static ChatCompletionCreateParams.Builder chat(String model) {
    return ChatCompletionCreateParams.builder().model(model).addUserMessage("Who turns the wheel?");
  }

  private static MessageCreateParams.Builder message(String model) {
    return MessageCreateParams.builder()
        .model(model)
        .maxTokens(1_000)
        .addUserMessage("Who turns the wheel?");
  }
}
