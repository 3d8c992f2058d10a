package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.InternalServerException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.StopReason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Anthropic's own SDK, unmodified, as our caller. */
@ExtendWith(Penstock.Extension.class)
class AnthropicSdkTest {
  private static AnthropicClient anthropic;

  @BeforeAll
  static void start(Penstock shared) {
    anthropic =
        AnthropicOkHttpClient.builder()
            .baseUrl("http://127.0.0.1:" + shared.ingress().port())
            .apiKey("any")
            .maxRetries(0)
            .build();
  }

  @AfterAll
  static void stop() {
    anthropic.close();
  }

  @Test
  void itCreatesAMessage() {
    Message message = anthropic.messages().create(message("hello claude").build());
    assertThat(message.content().getFirst().asText().text()).isEqualTo("answer to hello claude");
    assertThat(message.stopReason()).hasValue(StopReason.END_TURN);
    assertThat(message.usage().inputTokens()).isEqualTo(10);
    assertThat(message.usage().cacheReadInputTokens()).hasValue(3L);
    assertThat(message.usage().outputTokens()).isEqualTo(5);
  }

  @Test
  void itPutsTheSameTextTogetherFromAStream() {
    Message message = streamed("pieces:one |two |three");
    assertThat(message.content()).hasSize(1);
    assertThat(message.content().getFirst().asText().text()).isEqualTo("one two three");
    assertThat(message.stopReason()).hasValue(StopReason.END_TURN);
    assertThat(message.usage().outputTokens()).isEqualTo(5);
  }

  @Test
  void itGetsTheSameThoughtTextAndCallPlainAndStreamed() {
    Message plain = anthropic.messages().create(message("call: claude").build());
    assertThat(plain.stopReason()).hasValue(StopReason.TOOL_USE);
    assertThat(plain.content().get(0).asThinking().signature()).isEqualTo("c2lnbmVk");
    assertThat(plain.content().get(1).asText().text()).isEqualTo("Let me look.");
    assertThat(plain.content().get(2).asToolUse().name()).isEqualTo("weather");
    Message streamed = streamed("call: claude");
    assertThat(streamed.content()).hasSize(3);
    assertThat(streamed.content().get(0).asThinking())
        .isEqualTo(plain.content().get(0).asThinking());
    assertThat(streamed.content().get(2).asToolUse()._input())
        .isEqualTo(plain.content().get(2).asToolUse()._input());
  }

  @Test
  void itListsTheModelsAndFindsOne() {
    assertThat(anthropic.models().list().data())
        .extracting(model -> model.id())
        .containsExactly("large", "small");
    assertThat(anthropic.models().retrieve("small").displayName()).isEqualTo("small");
    assertThatThrownBy(() -> anthropic.models().retrieve("nobodys"))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void itRaisesTheExceptionsThatItsUsersExpect() {
    assertThatThrownBy(() -> create(message("x").model("nobodys")))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(
            () -> create(message("x").putAdditionalBodyProperty("temperature", JsonValue.from(9))))
        .isInstanceOf(BadRequestException.class);
    assertThatThrownBy(() -> create(message("fail:rate_limited")))
        .isInstanceOf(RateLimitException.class);
    assertThatThrownBy(() -> create(message("fail:provider_overloaded")))
        .isInstanceOf(InternalServerException.class);
    assertThatThrownBy(() -> create(message("fail:provider_timeout")))
        .isInstanceOf(InternalServerException.class);
  }

  @Test
  void anErrorInMidStreamIsAnException() {
    assertThatThrownBy(() -> streamed("other:this|that")).isInstanceOf(AnthropicException.class);
  }

  private static Message streamed(String prompt) {
    var whole = MessageAccumulator.create();
    try (var stream = anthropic.messages().createStreaming(message(prompt).build())) {
      stream.stream().forEach(whole::accumulate);
    }
    return whole.message();
  }

  private static Message create(MessageCreateParams.Builder params) {
    return anthropic.messages().create(params.build());
  }

  private static MessageCreateParams.Builder message(String prompt) {
    return MessageCreateParams.builder().model("small").maxTokens(1_000).addUserMessage(prompt);
  }
}
