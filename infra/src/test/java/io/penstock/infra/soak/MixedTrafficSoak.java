package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.simulator.Simulator;
import io.penstock.infra.engine.Closing;
import io.penstock.schemas.avro.Provenance;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ledger beside the simulator's own count after traffic of every kind: plain and streamed, both
 * faces, repeated questions, callers who leave, and a provider of which one call in twenty fails.
 */
@Tag("soak")
final class MixedTrafficSoak {
  private static final int REQUESTS = Integer.getInteger("soak.requests", 50_000);
  private static final int AT_ONCE = 48;
  private static final String FAULTS =
      "{\"rate\":0.05,\"seed\":7,\"retry_after_ms\":50,\"timeout_ms\":2000,\"slow_ms\":300,\"kinds\":"
          + "[\"429\",\"529\",\"500\",\"truncated\",\"garbage\",\"reset\",\"mid_stream_error\","
          + "\"cut_stream\",\"no_usage\",\"slow\"]}";
  private static final Set<Provenance> GUESSED =
      Set.of(Provenance.ESTIMATED, Provenance.ORPHANED, Provenance.REPORTED_PARTIAL);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private final Map<String, AtomicInteger> ends = new ConcurrentHashMap<>();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void whatWasReportedIsWhatTheProviderChargedToThePicoDollar()
      throws IOException, InterruptedException {
    Simulator simulator = closing.add(Cluster.simulator(Duration.ofMillis(20)));
    UpProcess up = UpProcess.start(directory, simulator, closing);
    try (var asking = new Asking(up.http())) {
      asking.awaitReady();
    }
    admin(simulator, "/admin/faults", FAULTS);
    long begun = System.nanoTime();
    ask(up.http());
    System.out.printf(
        "%d requests in %d s: %s%n",
        REQUESTS, Duration.ofNanos(System.nanoTime() - begun).toSeconds(), ends);

    var billing = closing.add(new TopicLog<>(up.kafka(), up.topics().billing()));
    var counted = new AtomicReference<@Nullable Counted>();
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(() -> {
          Counted now = new Counted(Books.of(billing.all()), SimulatorStats.of(simulator.port()));
          Counted before = counted.getAndSet(now);
          assertThat(now.sameAs(before)).as("both are at rest").isTrue();
        });
    Counted at = Objects.requireNonNull(counted.get());
    BigInteger reported = at.books().spent(Set.of(Provenance.REPORTED));
    BigInteger guessed = at.books().spent(GUESSED);
    BigInteger undelivered = at.simulator().undelivered();
    System.out.printf(
        "%d attempts, %d calls; reported %s, charged %s; guessed %s, undelivered %s: off by %s %%%n",
        at.books().attempts(),
        at.simulator().calls(),
        reported,
        at.simulator().cost(),
        guessed,
        undelivered,
        undelivered.signum() == 0
            ? "-"
            : new BigDecimal(guessed.subtract(undelivered).multiply(BigInteger.valueOf(100)))
                .divide(new BigDecimal(undelivered), new MathContext(3)));
    Arrays.stream(Provenance.values())
        .forEach(each -> System.out.printf("  %s: %d%n", each, at.books().events(each)));
    assertThat(reported).as("reported, and charged").isEqualTo(at.simulator().cost());
    assertThat(at.books().attempts())
        .as("every call has its cost event")
        .isGreaterThanOrEqualTo(at.simulator().calls());
  }

  private record Counted(Books books, SimulatorStats simulator) {
    boolean sameAs(@Nullable Counted before) {
      return before != null
          && books.valid().size() == before.books.valid().size()
          && simulator.equals(before.simulator);
    }
  }

  private void ask(int port) throws InterruptedException {
    var random = new Random(20261128);
    var slots = new Semaphore(AT_ONCE);
    try (var streaming = new Streaming(port);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < REQUESTS; i++) {
        int kind = random.nextInt(100);
        int question = random.nextInt(100) < 30 ? random.nextInt(200) : 1_000 + i;
        int pieces = 1 + random.nextInt(20);
        slots.acquire();
        var _ =
            threads.submit(() -> {
              try {
                count(one(streaming, kind, question, pieces));
              } finally {
                slots.release();
              }
            });
      }
    }
  }

  private void count(String end) {
    ends.computeIfAbsent(end, _ -> new AtomicInteger()).incrementAndGet();
  }

  private static String one(Streaming streaming, int kind, int question, int pieces) {
    try {
      if (kind < 60) {
        return "chat " + streaming.plain("/v1/chat/completions", chat(question, false), Map.of());
      }
      if (kind < 70) {
        return "messages "
            + streaming.plain(
                "/v1/messages", messages(question), Map.of("anthropic-version", "2023-06-01"));
      }
      if (kind < 90) {
        var stream = streaming.stream(chat(question, true), 0);
        return "stream " + stream.status() + (stream.complete() ? " complete" : " broken");
      }
      var left = streaming.stream(chat(question, true), pieces);
      return left.complete() ? "stream 200 complete before it was left" : "stream left";
    } catch (IOException e) {
      return "connection " + e.getClass().getSimpleName();
    }
  }

  private static String chat(int question, boolean stream) {
    return "{\"model\":\"gpt-5-mini\",\"stream\":"
        + stream
        + ",\"messages\":[{\"role\":\"user\",\"content\":\""
        + text(question)
        + "\"}]}";
  }

  private static String messages(int question) {
    return "{\"model\":\"claude-haiku-4-5\",\"max_tokens\":200,\"messages\":[{\"role\":\"user\","
        + "\"content\":\""
        + text(question)
        + "\"}]}";
  }

  private static String text(int question) {
    return "Explain the penstock of power station number " + question + " in a few words.";
  }

  private static void admin(Simulator simulator, String path, String body)
      throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      var response =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + simulator.port() + path))
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
  }
}
