package io.penstock.embedded.simulator;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The models that are served, and what they cost: a catalogue with dated rows. */
final class Prices {
  private final Map<String, List<PricedModel>> rowsByModel;

  private Prices(Map<String, List<PricedModel>> rowsByModel) {
    this.rowsByModel = rowsByModel;
  }

  /**
   * Reads a catalogue.
   *
   * @throws IllegalArgumentException when it is not one; the message names the row
   */
  static Prices read(InputStream json) {
    Map<String, List<PricedModel>> rows = new TreeMap<>();
    for (JsonNode row : catalogue(json).path("rows")) {
      PricedModel model = row(row);
      rows.computeIfAbsent(model.name(), name -> new ArrayList<>()).add(model);
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("the price catalogue has no rows");
    }
    rows.values().forEach(dated -> dated.sort(Comparator.comparing(PricedModel::from)));
    return new Prices(rows);
  }

  /** The row of a model that holds at {@code moment}, or its first row when none does. */
  Optional<PricedModel> find(String model, Instant moment) {
    List<PricedModel> rows = rowsByModel.getOrDefault(model, List.of());
    return rows.reversed().stream()
        .filter(row -> row.holdsAt(moment))
        .findFirst()
        .or(() -> rows.stream().findFirst());
  }

  /** Every model by name, as it is priced at {@code moment}. */
  List<PricedModel> all(Instant moment) {
    return rowsByModel.keySet().stream().flatMap(name -> find(name, moment).stream()).toList();
  }

  private static JsonNode catalogue(InputStream json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the price catalogue is not JSON", e);
    } catch (IOException e) {
      throw new UncheckedIOException("the price catalogue cannot be read", e);
    }
  }

  private static PricedModel row(JsonNode row) {
    try {
      return PricedModel.of(row);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IllegalArgumentException("a row of the price catalogue is wrong: " + row, e);
    }
  }
}
