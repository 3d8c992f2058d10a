package io.penstock.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;

/** What is written on a dead letter beside the bytes nobody could use. */
public final class DeadLetters {
  private DeadLetters() {}

  /**
   * Adds to {@code headers} where a record came from and why it is set aside.
   *
   * @return the same headers
   */
  public static Headers mark(
      Headers headers, String topic, int partition, long offset, String reason) {
    return headers
        .add(Names.HEADER_REASON, utf8(reason))
        .add(Names.HEADER_TOPIC, utf8(topic))
        .add(Names.HEADER_PARTITION, utf8(Integer.toString(partition)))
        .add(Names.HEADER_OFFSET, utf8(Long.toString(offset)));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
