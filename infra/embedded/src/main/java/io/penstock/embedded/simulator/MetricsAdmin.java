package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code /admin/metrics}: what {@code /metrics} says instead of the truth. */
final class MetricsAdmin {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");

  private final Metrics metrics;

  MetricsAdmin(Metrics metrics) {
    this.metrics = metrics;
  }

  /** Sets each metric to a number, or to one for each engine; null leaves it out. */
  void set(byte[] bytes) {
    AdminBody body = AdminBody.read(bytes);
    Map<String, List<BigDecimal>> values = new HashMap<>();
    body.fields()
        .forEach((name, value) -> {
          List<BigDecimal> engines = new ArrayList<>();
          boolean right = value.isNull() || value.isNumber() || value.isArray();
          for (JsonNode number : value.isArray() ? value : List.of(value)) {
            right &= number.isNumber() || value.isNull();
            if (number.isNumber()) {
              engines.add(number.decimalValue());
            }
          }
          if (!right || !NAME.matcher(name).matches()) {
            body.wrong(
                name,
                "give a metric's name and a number, a list of numbers (one for each engine),"
                    + " or null to leave it out");
          }
          values.put(name, engines);
        });
    body.check();
    metrics.set(values);
  }

  ObjectNode toJson() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    metrics
        .values()
        .forEach((name, engines) -> {
          if (engines.size() == 1) {
            json.put(name, engines.getFirst());
          } else if (engines.isEmpty()) {
            json.putNull(name);
          } else {
            var list = json.putArray(name);
            engines.forEach(list::add);
          }
        });
    return json;
  }
}
