package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlexTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  @Test
  void aFlexCallIsSlowSaysSoAndCostsItsOwnPrice() throws IOException {
    simulator.post("/admin/latency", "{\"to_first_token_ms\": 20, \"flex_factor\": 10}");

    long start = System.nanoTime();
    JsonNode answer =
        simulator
            .complete(
                chat("gpt-long", "dam dam dam dam")
                    .put("max_tokens", 10)
                    .put("service_tier", "flex"))
            .json();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(199));
    assertThat(answer.path("service_tier").textValue()).isEqualTo("flex");
    // 8 × 2.6 + 10 × 15 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("0.0001708");
  }
}
