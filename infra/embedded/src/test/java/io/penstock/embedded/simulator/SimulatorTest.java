package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SimulatorTest {
  private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

  @Test
  void twoHundredSlowCallsDoNotWaitForOneAnother() throws Exception {
    Latency slow = new Latency(HALF_A_SECOND, Duration.ZERO, 0, Duration.ZERO);
    try (TestingSimulator simulator = TestingSimulator.with(slow);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Instant start = Instant.now();
      List<Future<JsonNode>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String prompt = "call " + i % 10;
        answers.add(callers.submit(() -> simulator.complete(chat("gpt-test", prompt)).json()));
      }

      for (int i = 0; i < 200; i++) {
        assertThat(text(answers.get(i).get())).isEqualTo(text(answers.get(i % 10).get()));
      }
      assertThat(Duration.between(start, Instant.now()))
          .isBetween(HALF_A_SECOND, HALF_A_SECOND.multipliedBy(100));
      assertThat(simulator.stats().path("calls").intValue()).isEqualTo(200);
      assertThat(simulator.statsOf("gpt-test").path("failures").intValue()).isZero();
    }
  }

  @Test
  void aCallBeyondTheFreeOnesTakesLonger() throws Exception {
    Latency crowded = new Latency(Duration.ofSeconds(3), Duration.ZERO, 1, Duration.ofMinutes(5));
    try (TestingSimulator simulator = TestingSimulator.with(crowded);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<TestingSimulator.Reply> call = () -> simulator.complete(chat("gpt-test", "hi"));
      var first = callers.submit(call);
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> simulator.stats().path("calls").intValue() == 1);
      var second = callers.submit(call);
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> simulator.stats().path("calls").intValue() == 2);
      assertThat(first.isDone()).as("the second came while the first was there").isFalse();

      assertThat(first.get().status()).isEqualTo(200);
      await().during(Duration.ofSeconds(1)).until(() -> !second.isDone());
      callers.shutdownNow();
    }
  }

  @Test
  void anAnswerDependsOnModelAndPromptAlone() throws IOException {
    String first;
    try (TestingSimulator simulator = TestingSimulator.atOnce()) {
      first = text(simulator.complete(chat("gpt-test", "hi")).json());
      assertThat(text(simulator.complete(chat("bare", "hi")).json())).isNotEqualTo(first);
      assertThat(text(simulator.complete(chat("gpt-test", "ho")).json())).isNotEqualTo(first);
    }
    try (TestingSimulator simulator = TestingSimulator.atOnce()) {
      simulator.complete(chat("gpt-test", "another one before"));
      assertThat(text(simulator.complete(chat("gpt-test", "hi").put("temperature", 1)).json()))
          .isEqualTo(first);
    }
  }

  /** Users may have written the text down: it stays the same from release to release. */
  @Test
  void anAnswerStaysTheSameFromReleaseToRelease() throws IOException {
    try (TestingSimulator simulator = TestingSimulator.atOnce()) {
      JsonNode answer = simulator.complete(chat("gpt-test", "hi").put("max_tokens", 12)).json();

      assertThat(text(answer)).isEqualTo("Yet tank ask measure from waves spent design and");
    }
  }

  @Test
  void answersHaveBetweenTwentyAndFourHundredTokens() throws IOException {
    List<Integer> lengths = new ArrayList<>();
    try (TestingSimulator simulator = TestingSimulator.atOnce()) {
      for (int i = 0; i < 200; i++) {
        JsonNode answer = simulator.message(message("claude-test", "prompt " + i)).json();
        lengths.add(answer.at("/usage/output_tokens").intValue());
      }
    }

    assertThat(lengths).allMatch(length -> length >= 20 && length <= 400);
    assertThat(lengths.stream().mapToInt(Integer::intValue).max().orElseThrow()).isGreaterThan(350);
    assertThat(lengths.stream().mapToInt(Integer::intValue).min().orElseThrow()).isLessThan(60);
  }

  @Test
  void aPromptOfFourMebibytesIsAnswered() throws IOException {
    try (TestingSimulator simulator = TestingSimulator.atOnce()) {
      JsonNode answer = simulator.complete(chat("gpt-test", "é".repeat(2 * 1024 * 1024))).json();

      assertThat(answer.at("/usage/prompt_tokens").intValue()).isEqualTo(1024 * 1024 + 4);
    }
  }

  @Test
  void closingDropsCallsInFlightAtOnce() throws Exception {
    Latency endless = new Latency(Duration.ofMinutes(10), Duration.ZERO, 0, Duration.ZERO);
    List<Future<JsonNode>> calls = new ArrayList<>();
    Duration closing;
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      try (TestingSimulator simulator = TestingSimulator.with(endless)) {
        Callable<JsonNode> call = () -> simulator.complete(chat("gpt-test", "hi")).json();
        for (int i = 0; i < 20; i++) {
          calls.add(callers.submit(call));
        }
        await()
            .atMost(Duration.ofMinutes(1))
            .untilAsserted(
                () -> assertThat(simulator.stats().path("calls").intValue()).isEqualTo(20));
        Instant start = Instant.now();
        simulator.stop();
        closing = Duration.between(start, Instant.now());
      }
      for (Future<JsonNode> dropped : calls) {
        assertThatThrownBy(dropped::get)
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(IOException.class);
      }
    }
    assertThat(closing).isLessThan(Duration.ofMinutes(1)); // the answers take ten
  }

  @Test
  void aBusyPortIsSaidInOneLine() {
    try (TestingSimulator simulator = TestingSimulator.atOnce()) {
      SimulatorSettings same = SimulatorSettings.defaults().withPort(simulator.port());

      assertThatThrownBy(() -> Simulator.start(same, TestingSimulator.prices()))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("127.0.0.1:" + simulator.port())
          .hasMessageContaining("choose another");
    }
  }

  @Test
  void settingsOutOfRangeAreRefusedWithARemedy() {
    assertThatThrownBy(() -> SimulatorSettings.defaults().withPort(70_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("port is 70000: give one from 1 to 65535, or 0 for a free one");
    assertThatThrownBy(() -> SimulatorSettings.defaults().withHost(" "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("127.0.0.1");
  }

  private static String text(JsonNode completion) {
    return completion.at("/choices/0/message/content").textValue();
  }
}
