package io.penstock.policies.cost;

import io.penstock.schemas.avro.ImagePart;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * About how many tokens an image is: one for each patch of 32 by 32 pixels, up to a budget
 * (docs/measurements.md, Providers §1.8). The size is read where the image itself is sent and says
 * it at its beginning; otherwise the budget is taken.
 */
final class ImageEstimate {
  private static final int PATCH = 32;
  private static final long BUDGET = 1_536;
  private static final long CLOSE_BUDGET = 2_500;
  private static final long LARGEST_BUDGET = 10_000;
  private static final String MANY_TILES = "gpt-4o-mini";
  private static final long TILES_AT_MOST = 50_000;
  // Per hundred patches, of models that see more than others do.
  private static final Map<String, Long> PER_HUNDRED =
      Map.of("gpt-5.4-mini", 162L, "gpt-5.4-nano", 246L, "o4-mini", 172L);
  private static final String ENCODED = ";base64,";
  // Enough of an image for the size of a PNG or a GIF.
  private static final int HEAD_CHARS = 64;
  private static final long PNG = 0x89504E470D0A1A0AL;
  private static final int PNG_SIZE_AT = 16;
  private static final String GIF = "GIF8";
  private static final int GIF_SIZE_AT = 6;

  private ImageEstimate() {}

  private record Size(long width, long height) {
    long patches() {
      return Math.ceilDiv(width, PATCH) * Math.ceilDiv(height, PATCH);
    }
  }

  /**
   * More than any image is charged as: the largest budget there is, and for the one model that
   * counts tiles its own largest count (docs/decisions/0015-budgets.md).
   */
  static long atMost(String model) {
    return model.startsWith(MANY_TILES)
        ? TILES_AT_MOST
        : Math.ceilDiv(LARGEST_BUDGET * PER_HUNDRED.getOrDefault(model, 100L), 100L);
  }

  static long tokens(ImagePart image, String model) {
    long budget = "high".equals(image.getDetail()) ? CLOSE_BUDGET : BUDGET;
    long patches =
        size(image.getUrl()).map(size -> Math.clamp(size.patches(), 1, budget)).orElse(budget);
    return Math.ceilDiv(patches * PER_HUNDRED.getOrDefault(model, 100L), 100L);
  }

  private static Optional<Size> size(String url) {
    int from = url.startsWith("data:") ? url.indexOf(ENCODED) : -1;
    if (from < 0) {
      return Optional.empty();
    }
    int begin = from + ENCODED.length();
    int chars = Math.min(HEAD_CHARS, (url.length() - begin) / 4 * 4);
    try {
      byte[] head = Base64.getMimeDecoder().decode(url.substring(begin, begin + chars));
      return size(ByteBuffer.wrap(head));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<Size> size(ByteBuffer head) {
    if (head.limit() >= PNG_SIZE_AT + 2 * Integer.BYTES && head.getLong(0) == PNG) {
      return Optional.of(
          new Size(
              Integer.toUnsignedLong(head.getInt(PNG_SIZE_AT)),
              Integer.toUnsignedLong(head.getInt(PNG_SIZE_AT + Integer.BYTES))));
    }
    byte[] start = new byte[GIF.length()];
    if (head.limit() < GIF_SIZE_AT + 2 * Short.BYTES) {
      return Optional.empty();
    }
    head.get(0, start);
    return GIF.equals(new String(start, StandardCharsets.US_ASCII))
        ? Optional.of(
            new Size(littleEndian(head, GIF_SIZE_AT), littleEndian(head, GIF_SIZE_AT + 2)))
        : Optional.empty();
  }

  private static long littleEndian(ByteBuffer head, int at) {
    return Short.toUnsignedLong(Short.reverseBytes(head.getShort(at)));
  }
}
