package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.errors.UnprocessableEntityException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenAI's own SDK, unmodified, as our caller. */
@ExtendWith(Penstock.Extension.class)
class OpenAiSdkTest {
  private static Penstock penstock;
  private static Http http;
  private static OpenAIClient openai;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    http = shared.ingress();
    openai = client(http, "any");
  }

  @AfterAll
  static void stop() {
    openai.close();
  }

  @Test
  void itCreatesACompletion() {
    ChatCompletion completion = openai.chat().completions().create(chat("hello sdk").build());
    ChatCompletion.Choice choice = completion.choices().getFirst();
    assertThat(choice.message().content()).hasValue("answer to hello sdk");
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    assertThat(completion.model()).isEqualTo("small");
    assertThat(completion.usage().orElseThrow().totalTokens()).isEqualTo(21);
  }

  @Test
  void itStreamsPiecesAndUsage() {
    var params =
        chat("pieces:one |two |three")
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    var chunks = new ArrayList<ChatCompletionChunk>();
    var whole = ChatCompletionAccumulator.create();
    try (var stream = openai.chat().completions().createStreaming(params)) {
      stream.stream().peek(chunks::add).forEach(whole::accumulate);
    }
    assertThat(whole.chatCompletion().choices().getFirst().message().content())
        .hasValue("one two three");
    assertThat(chunks).hasSizeGreaterThan(4);
    assertThat(chunks.getLast().usage().orElseThrow().totalTokens()).isEqualTo(21);
  }

  @Test
  void itGetsTheSameToolCallPlainAndStreamed() {
    var plain = openai.chat().completions().create(chat("call: sdk").build());
    var choice = plain.choices().getFirst();
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    var call = choice.message().toolCalls().orElseThrow().getFirst().asFunction();
    assertThat(call.function().name()).isEqualTo("weather");
    assertThat(call.function().arguments(Weather.class).city).isEqualTo("Zürich");
    var streamed = ChatCompletionAccumulator.create();
    try (var stream = openai.chat().completions().createStreaming(chat("call: sdk").build())) {
      stream.stream().forEach(streamed::accumulate);
    }
    assertThat(streamed.chatCompletion().choices().getFirst().message().toolCalls())
        .isEqualTo(choice.message().toolCalls());
  }

  @Test
  void itGoesOnAfterTheResultOfATool() {
    var called = openai.chat().completions().create(chat("call: and go on").build());
    var message = called.choices().getFirst().message();
    var params =
        chat("call: and go on")
            .addMessage(message)
            .addMessage(
                ChatCompletionToolMessageParam.builder()
                    .toolCallId("call_1")
                    .content("rain")
                    .build())
            .addUserMessage("what now?")
            .build();
    assertThat(openai.chat().completions().create(params).choices().getFirst().message().content())
        .hasValue("answer to what now?");
    var turns = penstock.topology.dispatched("what now?").getFirst().getMessages();
    assertThat(turns).hasSize(4);
    assertThat(turns.get(2).getRole()).isEqualTo("tool");
  }

  @Test
  void itAsksForStructuredOutput() {
    openai.chat().completions().create(chat("structured").responseFormat(Weather.class).build());
    var format =
        penstock.topology.dispatched("structured").getFirst().getOptions().getResponseFormat();
    assertThat(format.getType()).isEqualTo("json_schema");
    assertThat(String.valueOf(format.get("schema"))).contains("\"city\"");
  }

  @Test
  void itReadsEmbeddings() {
    var response =
        openai
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("small")
                    .inputOfArrayOfStrings(List.of("dam", "gate"))
                    .dimensions(2)
                    .build());
    assertThat(response.data().getFirst().embedding()).containsExactly(0.25f, -0.5f);
    assertThat(response.usage().promptTokens()).isEqualTo(16);
    var asked = penstock.topology.dispatched("[\"dam\",\"gate\"]").getFirst();
    assertThat(asked.getOptions().getExtra()).contains("\"dimensions\":2");
  }

  @Test
  void itListsTheModelsAndFindsOne() {
    assertThat(openai.models().list().data())
        .extracting(model -> model.id())
        .containsExactly("large", "small");
    assertThat(openai.models().retrieve("small").ownedBy()).isEqualTo("simulator");
    assertThatThrownBy(() -> openai.models().retrieve("nobodys"))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void itRaisesTheExceptionsThatItsUsersExpect() {
    assertThatThrownBy(() -> create(chat("x").model("nobodys")))
        .isInstanceOfSatisfying(
            NotFoundException.class, e -> assertThat(e.code()).hasValue("model_not_found"));
    assertThatThrownBy(() -> create(chat("x").temperature(9)))
        .isInstanceOf(BadRequestException.class);
    assertThatThrownBy(() -> create(chat("fail:provider_rejected")))
        .isInstanceOf(BadRequestException.class);
    assertThatThrownBy(() -> create(chat("fail:rate_limited")))
        .isInstanceOf(RateLimitException.class);
    assertThatThrownBy(() -> create(chat("fail:budget_exhausted")))
        .isInstanceOfSatisfying(
            RateLimitException.class, e -> assertThat(e.code()).hasValue("insufficient_quota"));
    assertThatThrownBy(() -> create(chat("fail:idempotency_key_reused")))
        .isInstanceOf(UnprocessableEntityException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"provider_error", "provider_overloaded", "provider_timeout"})
  void whatIsNotItsUsersFaultIsAServersError(String reason) {
    assertThatThrownBy(() -> create(chat("fail:" + reason)))
        .isInstanceOf(InternalServerException.class);
  }

  @Test
  void anErrorInMidStreamIsAnException() {
    assertThatThrownBy(
            () -> {
              try (var stream =
                  openai.chat().completions().createStreaming(chat("other:this|that").build())) {
                stream.stream().forEach(chunk -> {});
              }
            })
        .isInstanceOf(OpenAIException.class);
  }

  @Test
  void withoutItsKeyItIsUnauthorized() {
    String name = Penstock.newName();
    var locked =
        penstock.ingress(
            new IngressSettings(
                name,
                IngressSettings.LOOPBACK,
                0,
                penstock.directory(name),
                IngressSettings.LONGEST_WAIT,
                IngressSettings.DELIVERY_TIMEOUT,
                ApiKeys.of(Map.of("key-of-acme", "acme"))),
            "x-api-key",
            "key-of-acme");
    OpenAIClient stranger = client(locked, "nonsense");
    OpenAIClient acme = client(locked, "key-of-acme");
    try {
      assertThatThrownBy(() -> stranger.chat().completions().create(chat("mine").build()))
          .isInstanceOfSatisfying(
              UnauthorizedException.class, e -> assertThat(e.code()).hasValue("invalid_api_key"));
      acme.chat().completions().create(chat("acme's").build());
    } finally {
      stranger.close();
      acme.close();
    }
    var asked = penstock.topology.dispatched("acme's").getFirst();
    assertThat(asked.getTenant()).isEqualTo("acme");
    assertThat(asked.getKeyId()).matches("acme-[0-9a-f]{8}");
  }

  /** A shape of output: the SDK makes a schema of it. */
  static final class Weather {
    public String city = "";
  }

  private static ChatCompletion create(ChatCompletionCreateParams.Builder params) {
    return openai.chat().completions().create(params.build());
  }

  private static ChatCompletionCreateParams.Builder chat(String prompt) {
    return ChatCompletionCreateParams.builder().model("small").addUserMessage(prompt);
  }

  private static OpenAIClient client(Http http, String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl("http://127.0.0.1:" + http.port() + "/v1")
        .apiKey(key)
        .maxRetries(0)
        .build();
  }
}
