package io.penstock.infra.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.policies.budget.Budget;
import io.penstock.policies.budget.Budgets;
import io.penstock.policies.budget.Period;
import io.penstock.schemas.Money;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code budgets}: one row for each budget, all mistakes of it at once. */
final class BudgetRows {
  static final String SECTION = "budgets";

  private static final String TENANT = "tenant";
  private static final String KEY = "key";
  private static final String LIMIT = "limit-usd";
  private static final String PERIOD = "period";
  private static final String KIND = "kind";
  private static final String UNKNOWN_PRICES = "unknown-prices";
  private static final Set<String> FIELDS =
      new LinkedHashSet<>(List.of(TENANT, KEY, LIMIT, PERIOD, KIND, UNKNOWN_PRICES));

  private final Problems problems;
  private final Map<String, String> placeById = new HashMap<>();

  private BudgetRows(Problems problems) {
    this.problems = problems;
  }

  static Budgets read(Reader read, Problems problems) {
    var rows = new BudgetRows(problems);
    List<Budget> budgets = read.section(SECTION).map(rows::all).orElse(List.of());
    return new Budgets(budgets, read.number(Setting.ASSUMED_OUTPUT, 1, 10_000_000));
  }

  private List<Budget> all(JsonNode section) {
    var budgets = new ArrayList<Budget>();
    if (!section.isArray()) {
      problems.add(
          SECTION,
          section.isContainerNode() ? "no list" : section.asText(),
          "write a list of rows");
      return budgets;
    }
    for (int i = 0; i < section.size(); i++) {
      row(SECTION + "[" + (i + 1) + "]", section.get(i)).ifPresent(budgets::add);
    }
    return budgets;
  }

  private Optional<Budget> row(String place, JsonNode row) {
    if (!row.isObject()) {
      problems.add(place, row.asText(), "write its fields, such as tenant: acme");
      return Optional.empty();
    }
    row.fieldNames()
        .forEachRemaining(field -> {
          if (!FIELDS.contains(field)) {
            problems.add(
                place + "." + field,
                row.path(field).asText(),
                "no such field: a budget has " + String.join(", ", FIELDS));
          }
        });
    Optional<String> tenant = name(place, row, TENANT);
    @Nullable String key = row.has(KEY) ? name(place, row, KEY).orElse("") : null;
    Optional<Money> limit = limit(place, row);
    Optional<Period> period = period(place, row);
    Optional<Boolean> hard = either(place, row, KIND, "hard", "soft", "hard");
    Optional<Boolean> unknown =
        either(
            place, row, UNKNOWN_PRICES, "allow", "refuse", hard.orElse(true) ? "refuse" : "allow");
    if (hard.equals(Optional.of(false)) && unknown.equals(Optional.of(false))) {
      problems.add(
          place + "." + UNKNOWN_PRICES, "refuse", "a soft budget refuses nobody: leave it out");
    }
    if (tenant.isEmpty()
        || "".equals(key)
        || limit.isEmpty()
        || period.isEmpty()
        || hard.isEmpty()
        || unknown.isEmpty()) {
      return Optional.empty();
    }
    return once(
        place, new Budget(tenant.get(), key, period.get(), limit.get(), hard.get(), unknown.get()));
  }

  /** Of two limits of one thing nobody could say which one holds. */
  private Optional<Budget> once(String place, Budget budget) {
    String other = placeById.putIfAbsent(budget.id(), place);
    if (other == null) {
      return Optional.of(budget);
    }
    problems.add(
        place,
        budget.tenant() + (budget.keyId() == null ? "" : ", " + budget.keyId()),
        "has the same period and kind as " + other + ": keep one of them");
    return Optional.empty();
  }

  private Optional<String> name(String place, JsonNode row, String field) {
    JsonNode value = row.path(field);
    String name = value.isValueNode() && !value.isNull() ? value.asText().strip() : "";
    if (name.isEmpty()) {
      problems.add(
          place + "." + field,
          name,
          field.equals(TENANT)
              ? "name the tenant; \"default\" is who needs no API key"
              : "name the API key as the costs by key do, or leave it out for the whole tenant");
      return Optional.empty();
    }
    if (field.equals(TENANT) && name.equals("*")) {
      problems.add(
          place + "." + field, name, "an operator spends as the tenant \"default\": name that");
      return Optional.empty();
    }
    return Optional.of(name);
  }

  private Optional<Money> limit(String place, JsonNode row) {
    JsonNode value = row.path(LIMIT);
    String text = value.isNumber() || value.isTextual() ? value.asText().strip() : "";
    try {
      Money limit = Money.parse(text);
      if (limit.pico() >= 0) {
        return Optional.of(limit);
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Told below.
    }
    problems.add(
        place + "." + LIMIT,
        text,
        "give dollars such as 25 or \"0.50\", up to nine million, with twelve decimals at most");
    return Optional.empty();
  }

  private Optional<Period> period(String place, JsonNode row) {
    String text = row.path(PERIOD).asText();
    for (Period period : Period.values()) {
      if (period.word().equals(text)) {
        return Optional.of(period);
      }
    }
    problems.add(place + "." + PERIOD, text, "give total, day or month; days are those of UTC");
    return Optional.empty();
  }

  private Optional<Boolean> either(
      String place, JsonNode row, String field, String yes, String no, String usual) {
    String text = row.path(field).asText(usual);
    if (text.equals(yes) || text.equals(no)) {
      return Optional.of(text.equals(yes));
    }
    problems.add(place + "." + field, text, "give " + yes + " or " + no);
    return Optional.empty();
  }
}
