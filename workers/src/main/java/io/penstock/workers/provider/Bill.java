package io.penstock.workers.provider;

import io.penstock.schemas.Tokens;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the price of a call.
 *
 * @param model the model that the provider says it billed, by our name
 * @param serviceTier the tier that it says it billed
 * @param usage tokens as it reported them
 * @param notes what is odd about them: {@link #PARTIAL}, {@link #INCONSISTENT}, {@link
 *     #CACHE_UNKNOWN}
 * @param counted our own count of what was sent and received, where it reported none or a part
 */
public record Bill(
    @Nullable String model,
    @Nullable String serviceTier,
    @Nullable Tokens usage,
    List<String> notes,
    @Nullable Tokens counted) {
  public static final Bill NONE = new Bill(null, null, null, List.of(), null);

  /** The call went on after these tokens were reported. */
  public static final String PARTIAL = "partial";

  /** The counts contradict each other; they were made to agree. */
  public static final String INCONSISTENT = "inconsistent";

  /** Nobody said how many input tokens came from the provider's cache: all count in full. */
  public static final String CACHE_UNKNOWN = "cache_unknown";

  public Bill {
    notes = List.copyOf(notes);
  }

  /** The same bill with our own count. */
  Bill counted(@Nullable Tokens count) {
    return new Bill(model, serviceTier, usage, notes, count);
  }
}
