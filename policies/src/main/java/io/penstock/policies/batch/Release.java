package io.penstock.policies.batch;

import io.penstock.schemas.avro.PromptCache;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A dispatch leaves its window.
 *
 * @param cache what its provider is told of its prefix cache; null for nothing
 * @param leads whether the window is to hear when its answer begins
 */
public record Release(String dispatchId, @Nullable PromptCache cache, boolean leads, Cause cause) {

  /** Why it goes. */
  public enum Cause {
    /** Nobody who shares its prefix is under way, and nothing is gained by waiting. */
    ALONE,
    /** It goes ahead of others and warms the prefix for them. */
    LEADS,
    /** Its prefix is warm. */
    READS,
    /** Its prefix is being warmed, but to wait for that costs more than it saves. */
    NOT_WORTH_IT,
    /** It has waited for as long as it may. */
    PRESSED,
    /** Too many wait. */
    FULL;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
