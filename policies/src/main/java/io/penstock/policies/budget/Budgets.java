package io.penstock.policies.budget;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All budgets, and what a call is assumed to answer at most when its request does not say. */
public final class Budgets {
  /**
   * Output tokens that are set aside for a request that names no bound. No bound at all: a call may
   * answer more, and what it really cost is settled.
   */
  public static final int ASSUMED_OUTPUT = 4096;

  public static final Budgets NONE = new Budgets(List.of(), ASSUMED_OUTPUT);

  private final Map<String, List<Budget>> byTenant;
  private final Map<String, Budget> byId = new LinkedHashMap<>();
  private final int assumedOutput;

  /** Of several budgets of one owner, period and kind, the limit would be anyone's guess. */
  public Budgets(List<Budget> rows, int assumedOutput) {
    var seen = new HashSet<String>();
    for (Budget budget : rows) {
      if (!seen.add(budget.id())) {
        throw new IllegalArgumentException(
            "there are two budgets of %s per %s: keep one"
                .formatted(budget.owner(), budget.period().word()));
      }
      byId.put(budget.id(), budget);
    }
    if (assumedOutput < 1) {
      throw new IllegalArgumentException(
          "the assumed output must be at least 1 token, not " + assumedOutput);
    }
    this.byTenant = rows.stream().collect(Collectors.groupingBy(Budget::tenant));
    this.assumedOutput = assumedOutput;
  }

  /** Every one of them, as they were given. */
  public Collection<Budget> all() {
    return Collections.unmodifiableCollection(byId.values());
  }

  public boolean isEmpty() {
    return byTenant.isEmpty();
  }

  public int assumedOutput() {
    return assumedOutput;
  }

  /** The pots that a call counts against. */
  public List<Pot> potsOf(String tenant, @Nullable String keyId, Instant at) {
    List<Budget> all = byTenant.get(tenant);
    return all == null
        ? List.of()
        : all.stream()
            .filter(b -> b.keyId() == null || Objects.equals(b.keyId(), keyId))
            .map(b -> b.potAt(at))
            .toList();
  }

  /** The budget whose pot has this id. */
  public Optional<Budget> ofPot(String pot) {
    return Optional.ofNullable(byId.get(idOf(pot)));
  }

  @Override
  public String toString() {
    return "Budgets" + byId.values() + ", assumed output " + assumedOutput;
  }

  /** The id of the budget that a pot is one period of. */
  public static String idOf(String pot) {
    return pot.substring(0, pot.lastIndexOf('/'));
  }
}
