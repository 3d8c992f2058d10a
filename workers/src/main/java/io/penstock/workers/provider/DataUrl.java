package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Data within a URL.
 *
 * @param base64 not looked into: whoever reads it will complain about what is wrong with it
 */
record DataUrl(String mediaType, String base64) {
  private static final String MARK = ";base64,";

  /** Null when it is none, or not in base 64. */
  static @Nullable DataUrl parse(String url) {
    int mark = url.indexOf(MARK);
    if (!url.regionMatches(true, 0, "data:", 0, 5) || mark < 0) {
      return null;
    }
    String type = url.substring(5, mark);
    int parameters = type.indexOf(';');
    return new DataUrl(
        (parameters < 0 ? type : type.substring(0, parameters)).toLowerCase(Locale.ROOT),
        url.substring(mark + MARK.length()));
  }

  /** As Anthropic takes it. */
  ObjectNode source() {
    return Json.object().put("type", "base64").put("media_type", mediaType).put("data", base64);
  }
}
