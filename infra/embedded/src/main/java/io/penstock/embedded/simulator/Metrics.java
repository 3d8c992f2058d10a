package io.penstock.embedded.simulator;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What a vLLM server tells of itself (docs/measurements.md, Providers §3.2): what is true of the
 * simulator, unless a value has been set. For any thread.
 */
final class Metrics {
  /** As an exporter of Prometheus writes it. */
  private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final String COUNTER = "_total";

  private final Provider provider;

  /** A value for each engine; none at all where the metric is left out. */
  private final ConcurrentMap<String, List<BigDecimal>> set = new ConcurrentHashMap<>();

  Metrics(Provider provider) {
    this.provider = provider;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/metrics", this::show);
  }

  /**
   * Sets metrics; others stay as they are.
   *
   * @param values as in {@link #set}
   */
  void set(Map<String, List<BigDecimal>> values) {
    set.putAll(values);
  }

  /** Tells the truth again. */
  void forget() {
    set.clear();
  }

  /** Every metric, by name. */
  Map<String, List<BigDecimal>> values() {
    Map<String, List<BigDecimal>> values = new LinkedHashMap<>();
    live().forEach((name, value) -> values.put(name, List.of(BigDecimal.valueOf(value))));
    values.putAll(new TreeMap<>(set));
    return values;
  }

  private Map<String, Long> live() {
    Latency latency = provider.latency();
    long inFlight = provider.inFlight();
    boolean crowds = !latency.perExtraCall().isZero();
    long running = crowds ? Math.min(inFlight, Math.max(1, latency.freeCalls())) : inFlight;
    Stats.Work work = provider.stats.work();
    TokenUse use = work.use();
    Map<String, Long> live = new LinkedHashMap<>();
    live.put("vllm:num_requests_running", running);
    live.put("vllm:num_requests_waiting", inFlight - running);
    live.put("vllm:kv_cache_usage_perc", 0L);
    live.put("vllm:prefix_cache_queries_total", use.totalInput());
    live.put("vllm:prefix_cache_hits_total", use.cacheRead());
    live.put("vllm:prompt_tokens_total", use.totalInput());
    live.put("vllm:prompt_tokens_cached_total", use.cacheRead());
    live.put("vllm:generation_tokens_total", use.output());
    live.put("vllm:request_success_total", Math.max(0, work.calls() - work.failures() - inFlight));
    live.put("vllm:num_preemptions_total", 0L);
    return live;
  }

  private void show(Context context) {
    StringBuilder text = new StringBuilder();
    values()
        .forEach((name, engines) -> {
          if (!engines.isEmpty()) {
            String type = name.endsWith(COUNTER) ? "counter" : "gauge";
            text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
          }
          for (int engine = 0; engine < engines.size(); engine++) {
            text.append(name).append("{engine=\"").append(engine).append('"');
            text.append(
                name.equals("vllm:request_success_total") ? ",finished_reason=\"stop\"" : "");
            text.append("} ").append(engines.get(engine).toPlainString()).append('\n');
          }
        });
    provider
        .times
        .byName()
        .forEach((name, histogram) -> {
          if (!set.containsKey(name)) {
            histogram.print(name, text);
          }
        });
    text.append("# TYPE vllm:cache_config_info gauge\n");
    text.append("vllm:cache_config_info{block_size=\"16\",num_gpu_blocks=\"4096\"} 1\n");
    context.contentType(TYPE).result(text.toString());
  }
}
