package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** {@code /admin/batches}: how batches go. */
final class BatchAdmin {
  private static final Set<String> FIELDS =
      new TreeSet<>(
          Set.of(
              "per_batch_ms",
              "per_item_ms",
              "window_ms",
              "fail_rate",
              "fail_with",
              "expire",
              "expire_after",
              "seed",
              "tier_said",
              "kept_ms"));
  private static final Duration LONGEST_WAIT = Latency.LONGEST;

  private final BatchTurns turns;

  BatchAdmin(BatchTurns turns) {
    this.turns = turns;
  }

  /** Puts a plan in force; what it leaves out is as usual. */
  void set(byte[] bytes) {
    AdminBody body = AdminBody.read(bytes, FIELDS);
    BatchPlan usual = BatchPlan.USUAL;
    var plan =
        new BatchPlan(
            body.millis("per_batch_ms", LONGEST_WAIT).orElse(usual.perBatch()),
            body.millis("per_item_ms", LONGEST_WAIT).orElse(usual.perItem()),
            body.millis("window_ms", BatchPlan.DAY).orElse(usual.window()),
            body.number("fail_rate", 0, 1).orElse(usual.failRate()),
            failWith(body),
            body.whole("expire", 0, Integer.MAX_VALUE).map(Long::intValue).orElse(0),
            body.number("expire_after", 0, 1).orElse(usual.expireAfter()),
            body.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElse(usual.seed()),
            tierSaid(body),
            body.millis("kept_ms", BatchPlan.LONGEST_KEPT).orElse(usual.kept()));
    body.check();
    turns.set(plan);
  }

  private static BatchFault failWith(AdminBody body) {
    Optional<JsonNode> word = body.get("fail_with");
    Optional<BatchFault> fault = word.flatMap(given -> BatchFault.named(given.asText()));
    if (word.isPresent() && fault.isEmpty()) {
      body.wrong("fail_with", "give one of " + BatchFault.words());
    }
    return fault.orElse(BatchPlan.USUAL.failWith());
  }

  /** The usual tier, none, or whichever is given. */
  private static @Nullable String tierSaid(AdminBody body) {
    JsonNode said = body.get("tier_said").orElse(null);
    if (said == null || said.isBoolean()) {
      return said == null || said.booleanValue() ? BatchPlan.TIER : null;
    }
    if (!said.isTextual()) {
      body.wrong("tier_said", "give true, false, or the name of a tier");
    }
    return said.asText();
  }

  ObjectNode toJson() {
    BatchPlan plan = turns.plan();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("per_batch_ms", Json.millis(plan.perBatch()));
    json.put("per_item_ms", Json.millis(plan.perItem()));
    json.put("window_ms", Json.millis(plan.window()));
    json.put("fail_rate", plan.failRate());
    json.put("fail_with", plan.failWith().word());
    json.put("expire", turns.toExpire());
    json.put("expire_after", plan.expireAfter());
    json.put("seed", plan.seed());
    if (BatchPlan.TIER.equals(plan.tierSaid()) || plan.tierSaid() == null) {
      json.put("tier_said", plan.tierSaid() != null);
    } else {
      json.put("tier_said", plan.tierSaid());
    }
    json.put("kept_ms", Json.millis(plan.kept()));
    return json;
  }
}
