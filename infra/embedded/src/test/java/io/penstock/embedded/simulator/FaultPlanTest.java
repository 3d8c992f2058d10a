package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which calls fail, and in which ways. */
class FaultPlanTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  @Test
  void halfOfTheCallsFailAtARateOfOneHalf() throws IOException {
    simulator.post("/admin/faults", "{\"rate\": 0.5, \"kinds\": [\"500\"], \"seed\": 7}");

    List<Integer> statuses = statuses(200);

    assertThat(statuses.stream().filter(status -> status == 500).count()).isBetween(70L, 130L);
  }

  @Test
  void theSameSeedFailsTheSameCallsInTheSameWay() throws IOException {
    String plan = "{\"rate\": 0.4, \"kinds\": [\"429\", \"529\", \"500\"], \"seed\": %d}";
    simulator.post("/admin/faults", plan.formatted(1));
    List<Integer> first = statuses(40);
    simulator.post("/admin/faults", plan.formatted(1));
    List<Integer> again = statuses(40);
    simulator.post("/admin/faults", plan.formatted(2));
    List<Integer> other = statuses(40);

    assertThat(again).isEqualTo(first).contains(429, 529, 500, 200);
    assertThat(other).isNotEqualTo(first);
  }

  @Test
  void allKindsAreMeantWhenNoneIsNamed() throws IOException {
    JsonNode plan = simulator.post("/admin/faults", "{\"rate\": 0.05}").json();

    assertThat(plan.path("kinds"))
        .extracting(JsonNode::textValue)
        .containsExactly(
            "429",
            "529",
            "500",
            "timeout",
            "truncated",
            "garbage",
            "quota",
            "mid_stream_error",
            "cut_stream",
            "no_usage",
            "slow",
            "reset");
    assertThat(plan.path("timeout_ms").intValue()).isEqualTo(60_000);
  }

  @Test
  void aRateOfZeroEndsTheFaults() throws IOException {
    simulator.failAlways("500");
    simulator.post("/admin/faults", "{\"rate\": 0}");

    assertThat(statuses(5)).containsOnly(200);
  }

  private List<Integer> statuses(int calls) throws IOException {
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      statuses.add(simulator.complete(chat("gpt-test", "hi")).status());
    }
    return statuses;
  }
}
