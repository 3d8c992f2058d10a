package io.penstock.ingress.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Random documents: bytes, broken JSON, and JSON of the right shape with strange values. */
public final class BadJson {
  private static final List<String> FIELDS =
      List.of(
          "prompt",
          "messages",
          "model",
          "max_tokens",
          "temperature",
          "priority",
          "use_cache",
          "deadline_ms",
          "metadata",
          "requests",
          "role",
          "content",
          "",
          "colour");
  private static final List<String> VALUES =
      List.of(
          "\"x\"",
          "\"\"",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "\"express\"",
          "\"user\"",
          "0",
          "-1",
          "1",
          "1.5",
          "1e400",
          "-0.0",
          "99999999999999999999",
          "true",
          "false",
          "null",
          "[]",
          "{}",
          "[[]]",
          "NaN",
          "\"small\"",
          "[{\"role\":\"user\",\"content\":\"x\"}]");
  private static final int DEEPEST = 6;

  private BadJson() {}

  /** Any of them. */
  public static byte[] any(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> bytes(random);
      case 1 -> broken(random);
      default -> value(random, 0).getBytes(StandardCharsets.UTF_8);
    };
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** JSON with a byte or two changed, or cut off. */
  private static byte[] broken(Random random) {
    byte[] bytes = value(random, 0).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; bytes.length > 0 && i <= random.nextInt(3); i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return random.nextBoolean() ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
  }

  private static String value(Random random, int depth) {
    if (depth == 0 || (depth < DEEPEST && random.nextInt(5) == 0)) {
      return random.nextInt(8) == 0 ? array(random, depth) : object(random, depth);
    }
    return VALUES.get(random.nextInt(VALUES.size()));
  }

  private static String object(Random random, int depth) {
    var object = new StringBuilder("{");
    for (int i = random.nextInt(5); i > 0; i--) {
      object
          .append('"')
          .append(FIELDS.get(random.nextInt(FIELDS.size())))
          .append("\":")
          .append(value(random, depth + 1))
          .append(i == 1 ? "" : ",");
    }
    return object.append('}').toString();
  }

  private static String array(Random random, int depth) {
    var array = new StringBuilder("[");
    for (int i = random.nextInt(5); i > 0; i--) {
      array.append(value(random, depth + 1)).append(i == 1 ? "" : ",");
    }
    return array.append(']').toString();
  }
}
