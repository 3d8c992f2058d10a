package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The simulator's own endpoints, below {@code /admin}: what it counted, and how it behaves. */
final class Admin {
  private static final Set<String> FAULT_FIELDS =
      new TreeSet<>(Set.of("rate", "kinds", "seed", "retry_after_ms", "slow_ms", "timeout_ms"));
  private static final Set<String> LATENCY_FIELDS =
      new TreeSet<>(
          Set.of(
              "to_first_token_ms",
              "per_output_token_ms",
              "free_calls",
              "per_extra_call_ms",
              "flex_factor"));
  private static final Set<String> LIMIT_FIELDS =
      new TreeSet<>(Set.of("requests_per_second", "every_other", "concurrent", "retry_after"));
  private static final int MOST_FLEX_FACTOR = 1_000;
  private static final int MOST_PER_SECOND = 1_000_000;
  private static final int MOST_AT_ONCE = 1_000_000;
  private static final Set<String> RESET_FIELDS = Set.of("prefix_cache");
  private static final Duration LONGEST_WAIT = Latency.LONGEST;

  private final Provider provider;
  private final BatchAdmin batches;
  private final Metrics live;
  private final MetricsAdmin metrics;

  Admin(Provider provider, Metrics metrics) {
    this.provider = provider;
    this.live = metrics;
    this.metrics = new MetricsAdmin(metrics);
    this.batches = new BatchAdmin(provider.batches);
  }

  void addTo(RoutesConfig routes) {
    routes.get("/admin/stats", context -> answer(context, provider.stats.toJson()));
    routes.delete("/admin/stats", this::clearStats);
    routes.post("/admin/reset", this::reset);
    routes.get("/admin/calls", context -> answer(context, provider.recent.toJson()));
    routes.get("/admin/faults", context -> answer(context, faults()));
    routes.post("/admin/faults", this::setFaults);
    routes.get("/admin/latency", context -> answer(context, latency()));
    routes.post("/admin/latency", this::setLatency);
    routes.get("/admin/limits", context -> answer(context, limits()));
    routes.post("/admin/limits", this::setLimits);
    routes.get("/admin/batches", context -> answer(context, batches.toJson()));
    routes.post("/admin/batches", this::setBatches);
    routes.put("/admin/batches", this::setBatches);
    routes.get("/admin/metrics", context -> answer(context, metrics.toJson()));
    routes.post("/admin/metrics", this::setMetrics);
    routes.put("/admin/metrics", this::setMetrics);
    routes.delete("/admin/metrics", this::forgetMetrics);
    routes.exception(AdminBody.RefusedException.class, (e, context) -> refuse(context, e));
  }

  private void clearStats(Context context) {
    provider.stats.reset();
    provider.recent.clear();
    answer(context, provider.stats.toJson());
  }

  private void reset(Context context) {
    AdminBody body = AdminBody.read(context.bodyAsBytes(), RESET_FIELDS);
    boolean forgetPrefixes = body.flag("prefix_cache");
    body.check();
    if (forgetPrefixes) {
      provider.caching.forgetAll();
    }
    clearStats(context);
  }

  private void setFaults(Context context) {
    AdminBody body = AdminBody.read(context.bodyAsBytes(), FAULT_FIELDS);
    if (body.get("rate").isEmpty()) {
      body.wrong("rate", "give the share of calls that fail, from 0 to 1");
    }
    Optional<BigDecimal> rate = body.number("rate", 0, 1);
    List<Fault> kinds = kinds(body);
    long seed = body.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElse(0L);
    Duration retryAfter =
        body.millis("retry_after_ms", LONGEST_WAIT).orElse(FaultPlan.DEFAULT_RETRY_AFTER);
    Duration timeout = body.millis("timeout_ms", LONGEST_WAIT).orElse(FaultPlan.DEFAULT_TIMEOUT);
    Duration slow = body.millis("slow_ms", LONGEST_WAIT).orElse(FaultPlan.DEFAULT_SLOW);
    body.check();
    provider.faults.set(new FaultPlan(rate.orElseThrow(), kinds, seed, retryAfter, timeout, slow));
    answer(context, faults());
  }

  private static List<Fault> kinds(AdminBody body) {
    Optional<JsonNode> given = body.get("kinds");
    if (given.isEmpty()) {
      return List.of(Fault.values());
    }
    List<Fault> kinds = new ArrayList<>();
    for (JsonNode word : given.get()) {
      Fault.named(word.asText()).ifPresent(kinds::add);
    }
    if (kinds.isEmpty() || kinds.size() != given.get().size()) {
      body.wrong("kinds", "give a list of some of " + Fault.words());
    }
    return kinds;
  }

  private void setLatency(Context context) {
    AdminBody body = AdminBody.read(context.bodyAsBytes(), LATENCY_FIELDS);
    Latency now = provider.latency();
    Duration toFirst = body.millis("to_first_token_ms", LONGEST_WAIT).orElse(now.toFirstToken());
    Duration perToken =
        body.millis("per_output_token_ms", LONGEST_WAIT).orElse(now.perOutputToken());
    Duration perExtra = body.millis("per_extra_call_ms", LONGEST_WAIT).orElse(now.perExtraCall());
    int freeCalls =
        body.whole("free_calls", 0, Integer.MAX_VALUE).map(Long::intValue).orElse(now.freeCalls());
    int flexFactor =
        body.whole("flex_factor", 1, MOST_FLEX_FACTOR)
            .map(Long::intValue)
            .orElse(provider.flexFactor());
    body.check();
    provider.setFlexFactor(flexFactor);
    provider.setLatency(new Latency(toFirst, perToken, freeCalls, perExtra));
    answer(context, latency());
  }

  private void setBatches(Context context) {
    batches.set(context.bodyAsBytes());
    answer(context, batches.toJson());
  }

  private void setMetrics(Context context) {
    metrics.set(context.bodyAsBytes());
    answer(context, metrics.toJson());
  }

  private void forgetMetrics(Context context) {
    live.forget();
    answer(context, metrics.toJson());
  }

  /** A body without a limit ends them. */
  private void setLimits(Context context) {
    AdminBody body = AdminBody.read(context.bodyAsBytes(), LIMIT_FIELDS);
    BigDecimal perSecond = body.number("requests_per_second", 0, MOST_PER_SECOND).orElse(null);
    if (perSecond != null && perSecond.signum() == 0) {
      body.wrong("requests_per_second", "give a number above zero");
    }
    boolean everyOther = body.flag("every_other");
    Integer concurrent =
        body.whole("concurrent", 1, MOST_AT_ONCE).map(Math::toIntExact).orElse(null);
    String retryAfter = body.text("retry_after").orElse("1");
    body.check();
    provider.limits.set(
        perSecond == null && !everyOther && concurrent == null
            ? null
            : new Limits.Plan(perSecond, everyOther, concurrent, retryAfter));
    answer(context, limits());
  }

  private ObjectNode limits() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    provider
        .limits
        .plan()
        .ifPresent(plan -> {
          json.put("requests_per_second", plan.perSecond());
          json.put("every_other", plan.everyOther());
          json.put("concurrent", plan.concurrent());
          json.put("retry_after", plan.retryAfter());
        });
    return json;
  }

  private ObjectNode faults() {
    FaultPlan plan = provider.faults.plan();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("rate", plan.rate());
    var kinds = json.putArray("kinds");
    plan.kinds().forEach(kind -> kinds.add(kind.word()));
    json.put("seed", plan.seed());
    json.put("retry_after_ms", Json.millis(plan.retryAfter()));
    json.put("timeout_ms", Json.millis(plan.timeout()));
    json.put("slow_ms", Json.millis(plan.slow()));
    return json;
  }

  private ObjectNode latency() {
    Latency latency = provider.latency();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("to_first_token_ms", Json.millis(latency.toFirstToken()));
    json.put("per_output_token_ms", Json.millis(latency.perOutputToken()));
    json.put("free_calls", latency.freeCalls());
    json.put("per_extra_call_ms", Json.millis(latency.perExtraCall()));
    json.put("flex_factor", provider.flexFactor());
    return json;
  }

  private static void refuse(Context context, AdminBody.RefusedException e) {
    ObjectNode error = Json.MAPPER.createObjectNode();
    error.put("code", "invalid_value");
    error.put("message", e.getMessage());
    error.put("field", e.field());
    context.status(400);
    answer(context, Json.MAPPER.createObjectNode().set("error", error));
  }

  private static void answer(Context context, JsonNode body) {
    context.contentType("application/json").result(Json.write(body));
  }
}
