package io.penstock.ingress.ledger;

import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Provenance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger keeps of an event, so that a later revision can take its place.
 *
 * @param spentPico null when unknown
 * @param avoidedPico null when unknown
 * @param guessed whether no provider reported what was spent
 */
record Entry(
    int revision,
    Account account,
    @Nullable Long spentPico,
    @Nullable Long avoidedPico,
    boolean guessed) {

  static Entry of(CostEvent event) {
    return new Entry(
        event.getRevision(),
        Account.of(event),
        event.getSpentPicoUsd(),
        event.getAvoidedPicoUsd(),
        guessed(event.getProvenance()));
  }

  private static boolean guessed(Provenance provenance) {
    return switch (provenance) {
      case ESTIMATED, ORPHANED, REPORTED_PARTIAL -> true;
      case REPORTED, UNBILLED -> false;
    };
  }

  /** Whether an amount is unknown, which is not the same as zero. */
  boolean unknown() {
    return spentPico == null || avoidedPico == null;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeInt(revision);
    account.writeTo(out);
    writeAmount(out, spentPico);
    writeAmount(out, avoidedPico);
    out.writeBoolean(guessed);
  }

  static Entry readFrom(DataInput in) throws IOException {
    return new Entry(
        in.readInt(), Account.readFrom(in), readAmount(in), readAmount(in), in.readBoolean());
  }

  private static void writeAmount(DataOutput out, @Nullable Long pico) throws IOException {
    out.writeBoolean(pico != null);
    if (pico != null) {
      out.writeLong(pico);
    }
  }

  private static @Nullable Long readAmount(DataInput in) throws IOException {
    return in.readBoolean() ? Long.valueOf(in.readLong()) : null;
  }
}
