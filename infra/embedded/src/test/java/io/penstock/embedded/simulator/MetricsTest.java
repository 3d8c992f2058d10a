package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.prose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  private String metrics() throws IOException {
    return simulator.get("/metrics").body();
  }

  @Test
  void itTellsWhatItHasDone() throws IOException {
    simulator.complete(chat("gpt-test", prose(2_000)).put("max_tokens", 10));
    simulator.complete(chat("gpt-test", prose(2_000)).put("max_tokens", 10));

    assertThat(metrics())
        .contains(
            "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running{engine=\"0\"} 0\n",
            "vllm:num_requests_waiting{engine=\"0\"} 0\n",
            "vllm:kv_cache_usage_perc{engine=\"0\"} 0\n",
            "# TYPE vllm:prefix_cache_queries_total counter\n",
            "vllm:prefix_cache_queries_total{engine=\"0\"} 4008\n",
            "vllm:prefix_cache_hits_total{engine=\"0\"} 1920\n",
            "vllm:prompt_tokens_total{engine=\"0\"} 4008\n",
            "vllm:generation_tokens_total{engine=\"0\"} 20\n",
            "vllm:cache_config_info{block_size=\"16\",num_gpu_blocks=\"4096\"} 1\n");
    // A call leaves just after its answer.
    await()
        .until(() ->
            metrics()
                .contains("vllm:request_success_total{engine=\"0\",finished_reason=\"stop\"} 2\n"));
  }

  @Test
  void itTellsHowLongCallsTook() throws IOException {
    simulator.post("/admin/latency", "{\"to_first_token_ms\": 20, \"per_output_token_ms\": 20}");
    simulator.complete(chat("gpt-test", "hi").put("max_tokens", 3));

    await()
        .untilAsserted(() ->
            assertThat(metrics())
                .contains(
                    "# TYPE vllm:time_to_first_token_seconds histogram\n",
                    "vllm:time_to_first_token_seconds_bucket{engine=\"0\",le=\"0.01\"} 0\n",
                    "vllm:time_to_first_token_seconds_bucket{engine=\"0\",le=\"+Inf\"} 1\n",
                    "vllm:inter_token_latency_seconds_count{engine=\"0\"} 2\n",
                    "vllm:e2e_request_latency_seconds_bucket{engine=\"0\",le=\"0.04\"} 0\n",
                    "vllm:e2e_request_latency_seconds_count{engine=\"0\"} 1\n"));
    assertThat(metrics()).doesNotContain("time_to_first_token_seconds_sum{engine=\"0\"} 0.0\n");
  }

  @Test
  void callsBeyondTheFreeOnesWait() throws IOException {
    simulator.post(
        "/admin/latency",
        "{\"to_first_token_ms\": 600000, \"free_calls\": 1, \"per_extra_call_ms\": 1}");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int n = 0; n < 3; n++) {
        var _ = callers.submit(() -> simulator.complete(chat("gpt-test", "hi")));
      }
      await()
          .until(() ->
              metrics().contains("vllm:num_requests_running{engine=\"0\"} 1\n")
                  && metrics().contains("vllm:num_requests_waiting{engine=\"0\"} 2\n"));
      simulator.stop();
    }
  }

  @Test
  void aMetricSaysWhatItIsSetToForEveryEngineOrNothing() throws IOException {
    simulator.post(
        "/admin/metrics",
        "{\"vllm:num_requests_waiting\": [3, 4], \"vllm:kv_cache_usage_perc\": null,"
            + " \"vllm:gpu_cache_usage_perc\": 0.75}");

    assertThat(metrics())
        .contains("vllm:num_requests_waiting{engine=\"0\"} 3\n")
        .contains("vllm:num_requests_waiting{engine=\"1\"} 4\n")
        .contains("vllm:gpu_cache_usage_perc{engine=\"0\"} 0.75\n")
        .doesNotContain("kv_cache_usage_perc");

    simulator.delete("/admin/metrics");
    assertThat(metrics())
        .contains("vllm:kv_cache_usage_perc{engine=\"0\"} 0\n")
        .doesNotContain("gpu_cache_usage_perc");
  }
}
