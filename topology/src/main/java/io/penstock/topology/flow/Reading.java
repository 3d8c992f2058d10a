package io.penstock.topology.flow;

import io.penstock.schemas.UndecodableException;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Reads a topic that anyone may write to: what nobody can read is set aside instead of stopping its
 * partition. Used by the stream thread only.
 */
public final class Reading<V> {
  private static final byte[] NOTHING = new byte[0];

  private final Deserializer<V> decoder;
  private final Exits exits;

  public Reading(Deserializer<V> decoder, Exits exits) {
    this.decoder = decoder;
    this.exits = exits;
  }

  /**
   * The record's value, or empty when it went to the dead letters.
   *
   * @param expected what the record should be, for whoever reads the dead letter
   */
  public Optional<V> decode(Record<byte[], byte[]> record, RecordMetadata origin, String expected) {
    byte @Nullable [] value = record.value();
    if (value == null) {
      setAside(record, origin, expected, "the record has no value");
      return Optional.empty();
    }
    try {
      return Optional.of(decoder.deserialize(origin.topic(), value));
    } catch (UndecodableException e) {
      setAside(record, origin, expected, e.getMessage());
      return Optional.empty();
    }
  }

  /** As {@link #decode}, where a record without a key cannot be used either. */
  public Optional<V> decodeKeyed(
      Record<byte[], byte[]> record, RecordMetadata origin, String expected) {
    if (record.key() == null) {
      setAside(record, origin, expected, "the record has no key");
      return Optional.empty();
    }
    return decode(record, origin, expected);
  }

  private void setAside(
      Record<byte[], byte[]> record,
      RecordMetadata origin,
      String expected,
      @Nullable String fault) {
    byte @Nullable [] key = record.key();
    byte @Nullable [] value = record.value();
    exits.dead(
        key == null ? NOTHING : key,
        value == null ? NOTHING : value,
        origin,
        "not " + expected + ": " + fault);
  }
}
