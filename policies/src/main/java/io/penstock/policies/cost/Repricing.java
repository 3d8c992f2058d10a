package io.penstock.policies.cost;

import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Prices what is in the ledger again, by other prices: those of each event's own instant, as they
 * are known by now. The tokens stay what they are.
 */
public record Repricing(PriceCatalogue prices) {

  /** What became of an event. */
  public sealed interface Outcome {
    /**
     * Its amount is another: {@code event} replaces the old one.
     *
     * @param wasUnknown whether the amount was not known before
     */
    record Changed(CostEvent event, boolean wasUnknown) implements Outcome {}

    /** It costs what it costs. */
    record Same() implements Outcome {}

    /** It has no tokens, or these prices have none for it. An amount that is known stays known. */
    record Unpriced() implements Outcome {}
  }

  /**
   * Prices an event again. Doing it twice changes nothing more.
   *
   * @param event the highest revision of its id
   */
  public Outcome again(CostEvent event) {
    Usage usage = event.getUsage();
    if (usage == null) {
      return event.getSpentPicoUsd() == null || event.getAvoidedPicoUsd() == null
          ? new Outcome.Unpriced()
          : new Outcome.Same();
    }
    Bill bill =
        Bill.of(
            prices,
            event.getProvider(),
            event.getModel(),
            event.getServiceTier(),
            usage,
            event.getAt());
    if (bill.amount() == null) {
      return new Outcome.Unpriced();
    }
    Long before = amount(event);
    return Objects.equals(before, bill.pico())
        ? new Outcome.Same()
        : new Outcome.Changed(priced(event, bill), before == null);
  }

  /** The one amount of an event that prices decide. */
  public static @Nullable Long amount(CostEvent event) {
    return event.getCause() == Cause.PROVIDER ? event.getSpentPicoUsd() : event.getAvoidedPicoUsd();
  }

  private static CostEvent priced(CostEvent event, Bill bill) {
    var notes = new ArrayList<>(event.getNotes());
    // What was said of the old price does not hold for the new one.
    Arrays.stream(Note.values()).filter(Note::ofPrice).forEach(note -> notes.remove(note.code()));
    boolean spent = event.getCause() == Cause.PROVIDER;
    return CostEvent.newBuilder(event)
        .setRevision(Revisions.after(event.getRevision(), event.getProvenance()))
        .setRatesVersion(bill.ratesVersion())
        .setSpentPicoUsd(spent ? bill.pico() : event.getSpentPicoUsd())
        .setAvoidedPicoUsd(spent ? event.getAvoidedPicoUsd() : bill.pico())
        .setNotes(bill.noted(notes))
        .build();
  }
}
