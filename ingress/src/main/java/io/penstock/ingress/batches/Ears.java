package io.penstock.ingress.batches;

import io.penstock.ingress.status.Hearer;
import io.penstock.ingress.status.Place;
import io.penstock.schemas.avro.InferenceResponse;
import java.util.concurrent.ConcurrentHashMap;

/** Which request is which line of which batch that runs here. Any thread. */
final class Ears implements Hearer {
  private final ConcurrentHashMap<String, Line> byId = new ConcurrentHashMap<>();

  private record Line(String tenant, Tally tally, int place) {}

  /** From now on the responses to these lines are counted. */
  void add(String tenant, Lines lines, Tally tally) {
    for (int line = 0; line < lines.count(); line++) {
      if (!lines.refused().containsKey(line)) {
        byId.put(lines.ids().get(line), new Line(tenant, tally, line));
      }
    }
  }

  void remove(Lines lines) {
    lines.ids().forEach(byId::remove);
  }

  @Override
  public boolean waitsFor(String id) {
    return byId.containsKey(id);
  }

  /** Producers choose ids as they like: one may be another tenant's as well. */
  @Override
  public void heard(InferenceResponse response, Place place) {
    Line line = byId.get(response.getId());
    if (line != null && line.tenant().equals(response.getTenant())) {
      line.tally().ended(line.place(), response, place);
    }
  }
}
