package io.penstock.embedded.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import java.io.IOException;
import java.util.List;
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
