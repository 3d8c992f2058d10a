package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.simulator.Latency;
import io.penstock.embedded.simulator.Simulator;
import io.penstock.embedded.simulator.SimulatorSettings;
import io.penstock.policies.Reason;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.schemas.avro.InferenceRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both providers' batches, of the simulator. */
final class BatchesTest {
  private static final InferenceRequest HELLO = aRequest().saying("user", "Hello").now();
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir Path dir;

  private final Simulator simulator =
      Simulator.start(
          SimulatorSettings.defaults().withLatency(Latency.NONE), PriceCatalogue.bundledFile());
  private Providers providers;

  @BeforeEach
  void open() {
    String base = "http://127.0.0.1:" + simulator.port();
    var key = new ApiKey("simulated");
    providers =
        new Providers(
            List.of(
                Presets.named("openai").at("openai", base + "/v1", key),
                ProviderSettings.anthropic("anthropic", base, key),
                ProviderSettings.openAi("copy", base + "/v1", key)),
            InstantSource.system());
  }

  @AfterEach
  void close() {
    providers.close();
    simulator.close();
  }

  @Test
  void whoOnlyCopiesAnApiIsNotTakenToTakeBatches() {
    assertThat(providers.batches("copy")).isEmpty();
    assertThat(providers.batches("nobody")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"openai, gpt-5-mini", "anthropic, claude-haiku-4-5"})
  void whatIsHandedInComesBackUnderItsIdsAtTheTierOfABatch(String provider, String model)
      throws Exception {
    Batches batches = batches(provider);
    plan("{\"per_batch_ms\": 0, \"per_item_ms\": 0, \"tier_said\": \"default\"}");
    String ref = handIn(batches, "job", model, 3);
    BatchState.Over over = over(batches, ref);
    try (Batches.Results results = batches.results(over, dir.resolve("results"))) {
      for (int line = 0; line < 3; line++) {
        Optional<Result> result = results.of("job-" + line, model, HELLO);
        assertThat(result).containsInstanceOf(Result.Answered.class);
        assertThat(result.orElseThrow().bill().serviceTier()).isEqualTo("batch");
      }
      assertThat(results.of("job-3", model, HELLO)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"openai, gpt-5-mini", "anthropic, claude-haiku-4-5"})
  void aLineThatFailsSaysWhy(String provider, String model) throws Exception {
    Batches batches = batches(provider);
    plan("{\"per_batch_ms\": 0, \"per_item_ms\": 0, \"fail_rate\": 1, \"fail_with\": \"400\"}");
    BatchState.Over over = over(batches, handIn(batches, "job", model, 1));
    try (Batches.Results results = batches.results(over, dir.resolve("results"))) {
      assertThat(results.of("job-0", model, HELLO))
          .hasValueSatisfying(result ->
              assertThat(result)
                  .isInstanceOfSatisfying(
                      Result.Failed.class,
                      failed -> assertThat(failed.reason()).isEqualTo(Reason.PROVIDER_REJECTED)));
    }
  }

  @ParameterizedTest
  @CsvSource({"openai, gpt-5-mini", "anthropic, claude-haiku-4-5"})
  void whatExpiredOrWasCalledOffIsNeitherAnsweredNorFailed(String provider, String model)
      throws Exception {
    Batches batches = batches(provider);
    plan("{\"per_batch_ms\": 600000}");
    String ref = handIn(batches, "job", model, 2);
    assertThat(batches.state(ref)).isInstanceOf(BatchState.Running.class);
    batches.cancel(ref);
    BatchState.Over over = over(batches, ref);
    try (Batches.Results results = batches.results(over, dir.resolve("results"))) {
      assertThat(results.of("job-0", model, HELLO)).isEmpty();
    }
  }

  @Test
  void openAisBatchIsFoundAgainByItsJob() throws Exception {
    Batches batches = batches("openai");
    Instant since = Instant.now();
    assertThat(batches.find("job", since)).isEqualTo(new BatchFound.Nothing());
    String ref = handIn(batches, "job", "gpt-5-mini", 1);
    handIn(batches, "another", "gpt-5-mini", 1);
    assertThat(batches.find("job", since)).isEqualTo(new BatchFound.It(ref));
    assertThat(batches.find("jo", since)).isEqualTo(new BatchFound.Nothing());
  }

  @Test
  void anthropicsBatchIsFoundAgainWhenItHasEnded() throws Exception {
    Batches batches = batches("anthropic");
    Instant since = Instant.now();
    plan("{\"per_batch_ms\": 600000}");
    String ref = handIn(batches, "job", "claude-haiku-4-5", 1);
    assertThat(batches.find("job", since)).isEqualTo(new BatchFound.Undecided());
    batches.cancel(ref);
    over(batches, ref);
    assertThat(batches.find("job", since)).isEqualTo(new BatchFound.It(ref));
    assertThat(batches.find("another", since)).isEqualTo(new BatchFound.Nothing());
  }

  @Test
  void whoeverRefusesABatchSaysWhy() {
    assertThatThrownBy(() -> batches("openai").state("batch_nobody"))
        .isInstanceOfSatisfying(
            BatchRefusedException.class,
            refused -> assertThat(refused.failure().reason().retryable()).isFalse());
  }

  private Batches batches(String provider) {
    return providers.batches(provider).orElseThrow();
  }

  private String handIn(Batches batches, String job, String model, int lines) throws Exception {
    try (Batches.Draft draft = batches.draft(job, dir.resolve(job))) {
      for (int line = 0; line < lines; line++) {
        assertThat(draft.add(job + "-" + line, model, HELLO)).isEmpty();
      }
      return draft.submit();
    }
  }

  private static BatchState.Over over(Batches batches, String ref) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> batches.state(ref) instanceof BatchState.Over over ? over : null,
            over -> over != null);
  }

  private void plan(String plan) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + simulator.port() + "/admin/batches"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(plan))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
  }
}
