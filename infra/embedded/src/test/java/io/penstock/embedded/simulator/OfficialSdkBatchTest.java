package io.penstock.embedded.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.batches.BatchCreateParams.Request;
import com.anthropic.models.messages.batches.MessageBatch;
import com.anthropic.models.messages.batches.MessageBatchIndividualResponse;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.core.http.HttpResponse;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OfficialSdkBatchTest {
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

  @BeforeEach
  void takeNoTime() throws IOException {
    simulator.planBatches("{}");
  }

  @AfterEach
  void stop() {
    openai.close();
    anthropic.close();
    simulator.close();
  }

  @Test
  void openaiUploadsRunsAndFetchesABatch() throws IOException {
    Batch begun = begin(upload());

    Batch batch =
        await()
            .until(
                () -> openai.batches().retrieve(begun.id()),
                b -> b.status().equals(Batch.Status.COMPLETED));

    batch.validate();
    assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(1);
    assertThat(batch.usage().orElseThrow().inputTokens()).isEqualTo(5);
    String output = batch.outputFileId().orElseThrow();
    try (HttpResponse content = openai.files().content(output)) {
      assertThat(new String(content.body().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("{\"id\":\"batch_req_")
          .contains("\"custom_id\":\"one\"", "\"service_tier\":\"batch\"");
    }
    openai.files().retrieve(output).validate();
    assertThat(openai.files().delete(output).deleted()).isTrue();
    assertThat(openai.batches().list().autoPager()).hasSize(1);
  }

  @Test
  void openaiCancelsABatchAndSeesARefusal() throws IOException {
    simulator.planBatches("{\"per_batch_ms\": 600000}");
    String id = begin(upload()).id();

    assertThat(openai.batches().cancel(id).status())
        .isIn(Batch.Status.CANCELLING, Batch.Status.CANCELLED);
    assertThatThrownBy(() -> openai.batches().retrieve("batch_none"))
        .isInstanceOf(com.openai.errors.NotFoundException.class);
  }

  private FileObject upload() {
    String line =
        "{\"custom_id\":\"one\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":"
            + "{\"model\":\"gpt-test\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}}";
    InputStream bytes = new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8));
    FileObject file =
        openai
            .files()
            .create(
                FileCreateParams.builder()
                    .purpose(FilePurpose.BATCH)
                    .file(
                        MultipartField.<InputStream>builder()
                            .value(bytes)
                            .filename("batch.jsonl")
                            .build())
                    .build());
    return file.validate();
  }

  private Batch begin(FileObject file) {
    return openai
        .batches()
        .create(
            BatchCreateParams.builder()
                .inputFileId(file.id())
                .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                .completionWindow(BatchCreateParams.CompletionWindow._24H)
                .build())
        .validate();
  }

  @Test
  void anthropicRunsAndFetchesABatch() {
    MessageBatch begun = beginMessages();

    MessageBatch batch =
        await()
            .until(
                () -> anthropic.messages().batches().retrieve(begun.id()),
                b -> b.processingStatus().equals(MessageBatch.ProcessingStatus.ENDED));

    batch.validate();
    assertThat(batch.requestCounts().succeeded()).isEqualTo(1);
    assertThat(batch.requestCounts().errored()).isEqualTo(1);
    List<MessageBatchIndividualResponse> results;
    try (var stream = anthropic.messages().batches().resultsStreaming(batch.id())) {
      results = stream.stream().toList();
    }
    assertThat(results)
        .anySatisfy(result -> {
          assertThat(result.customId()).isEqualTo("good");
          assertThat(result.result().asSucceeded().message().content()).isNotEmpty();
        })
        .anySatisfy(result -> {
          assertThat(result.customId()).isEqualTo("bad");
          assertThat(result.result().asErrored().error().error().isNotFoundError()).isTrue();
        });
    assertThat(anthropic.messages().batches().list().autoPager()).hasSize(1);
    anthropic.messages().batches().delete(batch.id()).validate();
  }

  @Test
  void anthropicCancelsABatch() throws IOException {
    simulator.planBatches("{\"per_batch_ms\": 600000}");

    String id = beginMessages().id();

    assertThat(anthropic.messages().batches().cancel(id).cancelInitiatedAt()).isPresent();
  }

  private MessageBatch beginMessages() {
    return anthropic
        .messages()
        .batches()
        .create(
            com.anthropic.models.messages.batches.BatchCreateParams.builder()
                .addRequest(request("good", "claude-test"))
                .addRequest(request("bad", "claude-none"))
                .build())
        .validate();
  }

  private static Request request(String customId, String model) {
    return Request.builder()
        .customId(customId)
        .params(
            Request.Params.builder().model(model).maxTokens(100).addUserMessage("hello").build())
        .build();
  }
}
