package io.penstock.policies.cost;

import io.penstock.schemas.avro.Provenance;

/**
 * How the revisions of a cost event are numbered. The highest one counts, for every reader, so what
 * became known must outrank an estimate however often that was priced again: estimates of orphans
 * have the numbers below {@link #KNOWN}, everything else those from it on, and each re-pricing
 * takes the next number of its kind (docs/decisions/0012).
 */
final class Revisions {
  static final int GUESSED = 1;
  static final int KNOWN = 1_000_000;

  private Revisions() {}

  /** The number that follows, for the same event priced again. */
  static int after(int revision, Provenance provenance) {
    return provenance == Provenance.ORPHANED
        ? Math.min(revision + 1, KNOWN - 1)
        : Math.max(revision + 1, KNOWN + 1);
  }
}
