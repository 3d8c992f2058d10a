package io.penstock.ingress.json;

import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a caller wants to be answered; null where it does not say.
 *
 * @param cache how our caches may be used, if at all
 * @param metadata tags for the ledger
 */
public record Wishes(
    @Nullable Lane lane,
    @Nullable Boolean useCache,
    @Nullable Duration deadline,
    @Nullable CacheControl cache,
    Map<String, String> metadata) {
  public static final Wishes NONE = new Wishes(null, null, null, null, Map.of());

  /** These, and where they do not say, those. */
  public Wishes orElse(Wishes other) {
    var tags = new HashMap<>(other.metadata);
    tags.putAll(metadata);
    // Both are about the caches: whoever says one thing about them has said it all.
    boolean saysCache = useCache != null || cache != null;
    return new Wishes(
        lane == null ? other.lane : lane,
        saysCache ? useCache : other.useCache,
        deadline == null ? other.deadline : deadline,
        saysCache ? cache : other.cache,
        tags);
  }
}
