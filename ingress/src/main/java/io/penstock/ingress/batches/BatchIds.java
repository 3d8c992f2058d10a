package io.penstock.ingress.batches;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Ids of files and batches, as OpenAI's look. Nobody guesses them. Any thread. */
public final class BatchIds {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 16;

  private BatchIds() {}

  public static String file() {
    return "file-" + random();
  }

  public static String batch() {
    return "batch_" + random();
  }

  private static String random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
