package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * What was called and what a provider would bill for it. For any thread; each model's figures
 * belong together, whenever they are read.
 */
final class Stats {
  /** Calls that name no known model are counted here, and in no model. */
  private static final String NO_MODEL = "";

  private static final String CREATED = "created";

  private volatile ConcurrentMap<String, Tally> tallies = new ConcurrentHashMap<>();
  private volatile ConcurrentMap<String, Long> batches = new ConcurrentHashMap<>();

  /**
   * The figures of one model.
   *
   * @param delivered tokens that the caller was told of
   * @param billed dollars for those
   * @param untold tokens of work whose usage never reached the caller
   * @param undelivered dollars for those
   * @param items of batches; what they cost is in {@code billed} too, their tokens in {@code
   *     delivered}
   */
  private record Tally(
      long calls,
      long failures,
      TokenUse delivered,
      BigDecimal billed,
      TokenUse untold,
      BigDecimal undelivered,
      BatchTally items) {
    static final Tally EMPTY = of(0, 0);
    static final Tally ONE_CALL = of(1, 0);

    static Tally of(long calls, long failures) {
      return new Tally(
          calls,
          failures,
          TokenUse.NONE,
          BigDecimal.ZERO,
          TokenUse.NONE,
          BigDecimal.ZERO,
          BatchTally.NONE);
    }

    static Tally told(TokenUse use, BigDecimal cost, BatchTally items) {
      return new Tally(0, 0, use, cost, TokenUse.NONE, BigDecimal.ZERO, items);
    }

    static Tally untold(long failures, TokenUse use, BigDecimal cost) {
      return new Tally(0, failures, TokenUse.NONE, BigDecimal.ZERO, use, cost, BatchTally.NONE);
    }

    Tally plus(Tally other) {
      return new Tally(
          calls + other.calls,
          failures + other.failures,
          delivered.plus(other.delivered),
          billed.add(other.billed),
          untold.plus(other.untold),
          undelivered.add(other.undelivered),
          items.plus(other.items));
    }

    Tally minus(Tally other) {
      return new Tally(
          calls - other.calls,
          failures - other.failures,
          delivered.minus(other.delivered),
          billed.subtract(other.billed),
          untold.minus(other.untold),
          undelivered.subtract(other.undelivered),
          items.minus(other.items));
    }
  }

  /** One call on its way; for the thread that handles it. A reset forgets it, whatever comes. */
  static final class Counted {
    private final ConcurrentMap<String, Tally> tallies;
    private final String name;
    private final @Nullable PricedModel model;
    private Tally share = Tally.EMPTY;
    private String tier = PricedModel.DEFAULT_TIER;
    private Instant at = Instant.EPOCH;

    private Counted(
        ConcurrentMap<String, Tally> tallies, String name, @Nullable PricedModel model) {
      this.tallies = tallies;
      this.name = name;
      this.model = model;
      tallies.merge(name, Tally.ONE_CALL, Tally::plus);
    }

    /** The service tier and the moment that price the call. */
    void servedBy(String serviceTier, Instant moment) {
      tier = serviceTier;
      at = moment;
    }

    /** The call ends like this; said again, it did not end as said before. */
    void ended(Ending ending) {
      Tally said = shareOf(ending);
      tallies.merge(name, said.minus(share), Tally::plus);
      share = said;
    }

    private Tally shareOf(Ending ending) {
      return switch (ending) {
        case Ending.Delivered(TokenUse use) -> Tally.told(use, cost(use), BatchTally.NONE);
        case Ending.Unreported(TokenUse use) -> Tally.untold(0, use, cost(use));
        case Ending.Lost(String _, TokenUse use) -> Tally.untold(1, use, cost(use));
        case Ending.Refused(String _) -> Tally.of(0, 1);
      };
    }

    private BigDecimal cost(TokenUse use) {
      return model == null ? BigDecimal.ZERO : model.cost(use, tier, at);
    }
  }

  /**
   * One batch on its way; for the thread that works on it. A reset forgets it as it does a call.
   */
  static final class CountedBatch {
    private final ConcurrentMap<String, Tally> tallies;
    private final ConcurrentMap<String, Long> batches;
    private final Instant created;

    private CountedBatch(
        ConcurrentMap<String, Tally> tallies,
        ConcurrentMap<String, Long> batches,
        Instant created) {
      this.tallies = tallies;
      this.batches = batches;
      this.created = created;
      batches.merge(CREATED, 1L, Long::sum);
    }

    /** An item of a model ends like this; null where the model is not known. */
    void ended(@Nullable PricedModel model, ItemEnding ending) {
      Tally share =
          switch (ending) {
            case ItemEnding.Answered answered -> {
              BigDecimal cost = answered.model().cost(answered.use(), BatchPlan.TIER, created);
              yield Tally.told(answered.use(), cost, BatchTally.of(ending, cost));
            }
            case ItemEnding.Failed _, ItemEnding.Expired _, ItemEnding.Cancelled _ ->
                Tally.told(TokenUse.NONE, BigDecimal.ZERO, BatchTally.of(ending, BigDecimal.ZERO));
          };
      tallies.merge(model == null ? NO_MODEL : model.name(), share, Tally::plus);
    }

    void ended(Batch.State end) {
      batches.merge(word(end), 1L, Long::sum);
    }
  }

  private static String word(Batch.State end) {
    return end.name().toLowerCase(Locale.ROOT);
  }

  /** Counts a batch; the moment prices all of its items. */
  CountedBatch batch(Instant created) {
    return new CountedBatch(tallies, batches, created);
  }

  /** Counts a call that reached a model's endpoint. */
  Counted called(PricedModel model) {
    return new Counted(tallies, model.name(), model);
  }

  /** Counts a call whose model is not known. */
  Counted calledUnknown() {
    return new Counted(tallies, NO_MODEL, null);
  }

  /** What all models have done, and are doing. */
  record Work(long calls, long failures, TokenUse use) {}

  Work work() {
    Tally total = tallies.values().stream().reduce(Tally.EMPTY, Tally::plus);
    return new Work(total.calls(), total.failures(), total.delivered().plus(total.untold()));
  }

  void reset() {
    tallies = new ConcurrentHashMap<>();
    batches = new ConcurrentHashMap<>();
  }

  /** The figures as {@code GET /admin/stats} shows them. */
  ObjectNode toJson() {
    ObjectNode byModel = Json.MAPPER.createObjectNode();
    Tally total = Tally.EMPTY;
    for (Map.Entry<String, Tally> row : new TreeMap<>(tallies).entrySet()) {
      total = total.plus(row.getValue());
      if (!row.getKey().equals(NO_MODEL)) {
        byModel.set(row.getKey(), toJson(row.getValue()));
      }
    }
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("calls", total.calls());
    json.put("cost_usd", Json.dollars(total.billed()));
    json.put("undelivered_cost_usd", Json.dollars(total.undelivered()));
    json.set("batches", total.items().addTo(batchesJson()));
    json.set("by_model", byModel);
    return json;
  }

  private ObjectNode batchesJson() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put(CREATED, batches.getOrDefault(CREATED, 0L));
    for (Batch.State state : Batch.State.values()) {
      if (state.isOver()) {
        json.put(word(state), batches.getOrDefault(word(state), 0L));
      }
    }
    return json;
  }

  private static ObjectNode toJson(Tally tally) {
    TokenUse use = tally.delivered();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("calls", tally.calls());
    json.put("failures", tally.failures());
    json.put("input_tokens", use.input());
    json.put("output_tokens", use.output());
    json.put("cache_read_tokens", use.cacheRead());
    json.put("cache_write_tokens", use.cacheWrite() + use.cacheWriteLong());
    json.put("cost_usd", Json.dollars(tally.billed()));
    json.put("undelivered_input_tokens", tally.untold().totalInput());
    json.put("undelivered_output_tokens", tally.untold().output());
    json.put("undelivered_cost_usd", Json.dollars(tally.undelivered()));
    tally.items().addTo(json.putObject("batch"));
    return json;
  }
}
