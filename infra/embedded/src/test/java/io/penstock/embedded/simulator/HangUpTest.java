package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.streamedWithUsage;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that leave, as the kernel shows them when a process closes a connection or dies. */
class HangUpTest {
  private static final String COST = "0.000046";
  private static final Latency AN_AGE =
      new Latency(Duration.ofMinutes(5), Duration.ZERO, 0, Duration.ZERO);

  private static final Duration SOON = Duration.ofMinutes(1);

  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallerThatLeavesIsNoticedLongBeforeItsAnswerIsDue(boolean reset) throws IOException {
    slow(AN_AGE);
    leave(called(hundredTokens()), reset);

    awaitLost();
  }

  @Test
  void aCallerThatLeftBeforeASmallAnswerWasWrittenDidNotGetIt() throws IOException {
    slow(new Latency(Duration.ofMillis(90), Duration.ZERO, 0, Duration.ZERO));
    leave(calling(hundredTokens()), false);

    awaitLost();
  }

  @Test
  void aCallerThatLeavesInTheMiddleOfAStreamIsNoticed() throws IOException {
    slow(new Latency(Duration.ZERO, Duration.ofMinutes(5), 0, Duration.ZERO));
    Socket socket = called(streamedWithUsage(hundredTokens()));
    assertThat(readUntil(socket.getInputStream(), "\"role\":\"assistant\"")).contains("200 OK");
    leave(socket, false);

    // 104 × 0.25, and one token × 2: the next would have come in five minutes
    awaitLost("0.000028");
    assertThat(stat("undelivered_input_tokens")).isEqualTo(104);
    assertThat(stat("undelivered_output_tokens")).isEqualTo(1);
  }

  @Test
  void aStreamWhoseCallerLeavesBeforeTheFirstTokenHasReadAndNotWritten() throws IOException {
    slow(AN_AGE);
    leave(called(streamedWithUsage(hundredTokens())), false);

    awaitLost("0.000026");
    assertThat(stat("undelivered_output_tokens")).isZero();
  }

  @Test
  void whatAStreamHadGeneratedIsAtLeastWhatItsCallerSaw() throws IOException {
    Duration perToken = Duration.ofMillis(20);
    slow(new Latency(Duration.ZERO, perToken, 0, Duration.ZERO));
    Instant begun = Instant.now();
    ObjectNode body = chat("gpt-test", TestingSimulator.prose(100)).put("max_tokens", 30_000);
    Socket socket = called(streamedWithUsage(body));
    String seen = "";
    for (int pieces = 0; pieces < 20; pieces++) {
      seen += readUntil(socket.getInputStream(), "\n\n");
    }
    leave(socket, true);

    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(simulator.newestCall().path("outcome").textValue())
                .isEqualTo("caller_gone"));
    StringBuilder text = new StringBuilder();
    TestingSimulator.data(seen)
        .forEach(chunk -> text.append(chunk.at("/choices/0/delta/content").asText()));
    int received = text.length() / Prompt.BYTES_PER_TOKEN;
    long ready = Duration.between(begun, Instant.now()).dividedBy(perToken);
    assertThat((long) stat("undelivered_output_tokens")).isBetween(received - 4L, ready + 2);
  }

  @Test
  void aCallerThatLeavesWithTheAnswerInHandHasGotIt() throws IOException {
    try (Socket socket = called(hundredTokens())) {
      assertThat(readUntil(socket.getInputStream(), "\"usage\"")).contains("200 OK");
    }

    assertThat(simulator.cost()).isEqualByComparingTo(COST);
    assertThat(simulator.undelivered()).isZero();
  }

  @Test
  void aCallerThatSendsItsNextRequestEarlyGetsBothAnswers() throws IOException {
    slow(new Latency(Duration.ofMillis(400), Duration.ZERO, 0, Duration.ZERO));
    try (Socket socket = called(hundredTokens())) {
      socket.getOutputStream().write(http(hundredTokens()));
      readUntil(socket.getInputStream(), "\"usage\"");
      readUntil(socket.getInputStream(), "200 OK");
      readUntil(socket.getInputStream(), "\"usage\"");
    }

    assertThat(simulator.statsOf("gpt-test").path("calls").intValue()).isEqualTo(2);
    assertThat(simulator.statsOf("gpt-test").path("failures").intValue()).isZero();
  }

  private int stat(String field) throws IOException {
    return simulator.statsOf("gpt-test").path(field).intValue();
  }

  /** A plain answer is generated to its end, whoever is there. */
  private void awaitLost() throws IOException {
    awaitLost(COST);
  }

  private void awaitLost(String cost) throws IOException {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(simulator.undelivered()).isEqualByComparingTo(cost);
          assertThat(simulator.newestCall().path("outcome").textValue()).isEqualTo("caller_gone");
        });
    assertThat(simulator.statsOf("gpt-test").path("failures").intValue()).isEqualTo(1);
    assertThat(simulator.statsOf("gpt-test").path("cost_usd").textValue()).isEqualTo("0");
  }

  private static ObjectNode hundredTokens() {
    return chat("gpt-test", TestingSimulator.prose(100)).put("max_tokens", 10);
  }

  private void slow(Latency latency) throws IOException {
    simulator.post(
        "/admin/latency",
        "{\"to_first_token_ms\": %d, \"per_output_token_ms\": %d}"
            .formatted(latency.toFirstToken().toMillis(), latency.perOutputToken().toMillis()));
  }

  /** A connection on which a call has arrived. */
  private Socket called(ObjectNode body) throws IOException {
    Socket socket = calling(body);
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> assertThat(simulator.stats().path("calls").intValue()).isEqualTo(1));
    return socket;
  }

  /** A connection on which a call is under way. */
  private Socket calling(ObjectNode body) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), simulator.port());
    socket.setSoTimeout((int) SOON.toMillis());
    socket.getOutputStream().write(http(body));
    return socket;
  }

  private static void leave(Socket socket, boolean reset) throws IOException {
    if (reset) {
      socket.setSoLinger(true, 0);
    }
    socket.close();
  }

  private static byte[] http(ObjectNode body) {
    byte[] json = body.toString().getBytes(UTF_8);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
            + "\r\nContent-Length: "
            + json.length
            + "\r\n\r\n";
    return (head + new String(json, UTF_8)).getBytes(UTF_8);
  }

  private static String readUntil(InputStream in, String mark) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(mark) < 0) {
      int next = in.read();
      assertThat(next).as("the connection ended after: %s", read).isNotNegative();
      read.append((char) next);
    }
    return read.toString();
  }
}
