package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Anthropic's mark of the end of a prefix that is worth caching. */
final class CacheMark {
  private CacheMark() {}

  /**
   * @param lifetime 5m, 1h, or default; null sets no mark
   */
  static ObjectNode set(ObjectNode block, @Nullable String lifetime) {
    if (lifetime != null) {
      ObjectNode mark = block.putObject("cache_control").put("type", "ephemeral");
      if (!lifetime.equals("default")) {
        mark.put("ttl", lifetime);
      }
    }
    return block;
  }
}
