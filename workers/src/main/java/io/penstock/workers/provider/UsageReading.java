package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.Tokens;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Usage as a provider reported it.
 *
 * @param tokens null when the counts of input and output do not both follow from it
 * @param inconsistent whether its counts contradict each other and were made to agree
 * @param cachedTold whether it says how many tokens came from the prefix cache, be it none
 */
record UsageReading(@Nullable Tokens tokens, boolean inconsistent, boolean cachedTold) {
  static final UsageReading NONE = new UsageReading(null, false, false);

  List<String> notes(Traits traits) {
    var notes = new ArrayList<String>();
    if (inconsistent) {
      notes.add(Bill.INCONSISTENT);
    }
    if (tokens != null && !cachedTold && traits.cachedTokens() == Traits.CachedTokens.UNKNOWN) {
      notes.add(Bill.CACHE_UNKNOWN);
    }
    return notes;
  }

  /** One object of counts that nobody promised us. It remembers whether any of them was wrong. */
  static final class Counts {
    // More than any context window will hold for long: a larger count is rubbish, and its price
    // could overflow.
    private static final long PLAUSIBLE = 1_000_000_000L;

    private final JsonNode usage;
    private boolean wrong;

    Counts(JsonNode usage) {
      this.usage = usage;
    }

    boolean wrong() {
      return wrong;
    }

    /** The counts contradict each other, unless {@code agree}. */
    void check(boolean agree) {
      wrong |= !agree;
    }

    /** Null when it is absent, which is not the same as none. */
    @Nullable Long of(String field) {
      return of(usage, field);
    }

    @Nullable Long of(String details, String field) {
      return of(usage.path(details), field);
    }

    long orZero(String field) {
      return orZero(of(field));
    }

    long orZero(String details, String field) {
      return orZero(of(details, field));
    }

    static long orZero(@Nullable Long count) {
      return count == null ? 0 : count;
    }

    private @Nullable Long of(JsonNode node, String field) {
      JsonNode value = node.path(field);
      if (value.isMissingNode() || value.isNull()) {
        return null;
      }
      if (!value.isNumber() || !value.canConvertToExactIntegral() || !value.canConvertToLong()) {
        wrong = true;
        return null;
      }
      long count = value.longValue();
      wrong |= count < 0 || count > PLAUSIBLE;
      return count > PLAUSIBLE ? null : Long.valueOf(Math.max(0, count));
    }
  }
}
