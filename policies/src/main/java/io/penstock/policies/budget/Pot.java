package io.penstock.policies.budget;

import io.penstock.schemas.avro.Slice;
import java.util.List;

/** A budget in one of its periods: the money that is there to be spent. */
public record Pot(Budget budget, Period.Window window) {
  public String id() {
    return budget.id() + "/" + window.name();
  }

  /** A task's slice of it before anything was granted. */
  public Slice unopened() {
    return new Slice(
        id(),
        budget.tenant(),
        budget.keyId(),
        budget.period().word(),
        window.endsAt(),
        budget.hard(),
        0L,
        0L,
        0L,
        List.of(),
        null,
        null);
  }
}
