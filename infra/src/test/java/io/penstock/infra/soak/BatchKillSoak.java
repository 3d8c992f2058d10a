package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.OpenAIException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import io.penstock.infra.engine.Closing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A batch of {@code -Dsoak.lines=N} lines over two ingress processes that are killed by turns, and
 * a topology that is killed as well: every line is answered once, and what is equal is called for
 * once.
 */
@Tag("soak")
final class BatchKillSoak {
  private static final int LINES = Integer.getInteger("soak.lines", 5_000);
  private static final int EQUAL = LINES / 10;
  private static final Duration FIRST_TOKEN = Duration.ofMillis(1_500);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void everyLineIsAnsweredOnceWhoeverIsKilled() throws IOException {
    Cluster cluster = closing.add(new Cluster(directory, FIRST_TOKEN));
    PenstockProcess topology = cluster.topology("topology");
    cluster.worker("worker");
    var one = cluster.ingress("one");
    var two = cluster.ingress("two");
    OpenAIClient first = client(one);
    OpenAIClient second = client(two);
    awaitReady(first);
    awaitReady(second);

    long begun = System.nanoTime();
    String file =
        first
            .files()
            .create(
                FileCreateParams.builder()
                    .purpose(FilePurpose.BATCH)
                    .file(lines().getBytes(StandardCharsets.UTF_8))
                    .build())
            .id();
    String id =
        first
            .batches()
            .create(
                BatchCreateParams.builder()
                    .inputFileId(file)
                    .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                    .completionWindow(BatchCreateParams.CompletionWindow._24H)
                    .build())
            .id();
    awaitCompleted(second, id, LINES / 10);
    one.process().kill();
    one.process().restart();
    awaitReady(first);
    say(begun, "the first ingress was killed", first, id);
    topology.kill();
    topology.restart();
    say(begun, "the topology was killed", first, id);
    two.process().kill();
    two.process().restart();
    awaitReady(second);
    say(begun, "the second ingress was killed", second, id);
    Batch batch =
        await()
            .atMost(PATIENCE)
            .until(() -> second.batches().retrieve(id), b -> b.completedAt().isPresent());
    say(begun, "it is completed", second, id);

    assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(LINES);
    assertThat(customIds(second, batch.outputFileId().orElseThrow())).isEqualTo(LINES);
    assertThat(batch.errorFileId()).isEmpty();
    assertThat(cluster.stats().calls()).isEqualTo(LINES - EQUAL);
  }

  private static String lines() {
    return IntStream.range(0, LINES)
        .mapToObj(i ->
            """
            {"custom_id":"l%d","method":"POST","url":"/v1/chat/completions",\
            "body":{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Line %d."}]}}
            """
                .formatted(i, i % (LINES - EQUAL)))
        .collect(Collectors.joining());
  }

  private static int customIds(OpenAIClient client, String file) throws IOException {
    var seen = new HashSet<String>();
    var json = new ObjectMapper();
    try (var content = client.files().content(file)) {
      String text = new String(content.body().readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        assertThat(seen.add(json.readTree(line).get("custom_id").asText())).as(line).isTrue();
      }
    }
    return seen.size();
  }

  private static void awaitCompleted(OpenAIClient client, String id, long lines) {
    await().atMost(PATIENCE).until(() -> completed(client, id) >= lines);
  }

  private static long completed(OpenAIClient client, String id) {
    return client.batches().retrieve(id).requestCounts().orElseThrow().completed();
  }

  private static void awaitReady(OpenAIClient client) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(OpenAIException.class)
        .until(() -> client.batches().list().data() != null);
  }

  private static void say(long begun, String what, OpenAIClient client, String id) {
    System.out.printf(
        "%.1f s: %s; %d of %d lines are answered%n",
        (System.nanoTime() - begun) / 1e9, what, completed(client, id), LINES);
  }

  private OpenAIClient client(Cluster.IngressProcess ingress) {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl("http://127.0.0.1:" + ingress.http() + "/v1")
            .apiKey("any")
            .maxRetries(0)
            .build();
    closing.add(client::close);
    return client;
  }
}
