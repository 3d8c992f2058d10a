package io.penstock.schemas;

import io.penstock.schemas.registry.RegistryException;
import io.penstock.schemas.registry.SchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Avro in the Confluent wire format: a zero byte, the schema id in four bytes, the binary datum.
 * The subject is {@code <topic>-value}. Ids and readers are cached, so that the registry is asked
 * once per topic and schema. Safe for use by any thread.
 *
 * <p>Decoding throws {@link UndecodableException} for bytes that can never be read, and {@link
 * RegistryException.Unavailable} when the registry must be asked and does not answer.
 */
public final class AvroSerde<T extends SpecificRecord> implements Serde<T> {
  static final byte MAGIC = 0;
  private static final int HEADER = 1 + Integer.BYTES;

  static {
    TrustedRecords.trust();
  }

  private final Schema schema;
  private final Schema registered;
  private final SpecificData model;
  private final SchemaRegistry registry;
  private final SpecificDatumWriter<T> writer;
  private final Map<String, Integer> ids = new ConcurrentHashMap<>();
  private final Map<Integer, SpecificDatumReader<T>> readers = new ConcurrentHashMap<>();

  public AvroSerde(Class<T> type, SchemaRegistry registry) {
    this.model = SpecificData.getForClass(type);
    this.schema = model.getSchema(type);
    this.registered = WireSchemas.portable(schema);
    this.registry = registry;
    this.writer = new SpecificDatumWriter<>(schema, model);
  }

  @Override
  public Serializer<T> serializer() {
    return this::encode;
  }

  @Override
  public Deserializer<T> deserializer() {
    return (topic, bytes) -> bytes == null ? null : decode(bytes);
  }

  /**
   * The schema's id for values of {@code topic}, registering it when it is new.
   *
   * @throws RegistryException as {@link SchemaRegistry#register}
   */
  int register(String topic) {
    return ids.computeIfAbsent(topic, t -> registry.register(t + "-value", registered));
  }

  @SuppressWarnings("NullAway") // Kafka hands null for tombstones, which have no bytes either.
  private byte[] encode(String topic, @Nullable T value) {
    if (value == null) {
      return null;
    }
    int id = register(topic);
    var bytes = new ByteArrayOutputStream(512);
    bytes.write(MAGIC);
    bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(id).array());
    try {
      writer.write(value, EncoderFactory.get().directBinaryEncoder(bytes, null));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  private T decode(byte[] bytes) {
    if (bytes.length < HEADER || bytes[0] != MAGIC) {
      throw new UndecodableException(
          "not in the Confluent wire format (a zero byte and a 4-byte schema id come first)", null);
    }
    int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
    SpecificDatumReader<T> reader = reader(id);
    try {
      return reader.read(
          null, DecoderFactory.get().binaryDecoder(bytes, HEADER, bytes.length - HEADER, null));
    } catch (IOException | RuntimeException e) { // Avro meets garbage with all kinds of them.
      throw new UndecodableException(
          "not a " + schema.getName() + " under schema id " + id + ": " + e.getMessage(), e);
    }
  }

  private SpecificDatumReader<T> reader(int id) {
    try {
      return readers.computeIfAbsent(
          id, i -> new SpecificDatumReader<>(registry.byId(i), schema, model));
    } catch (RegistryException.NotFound e) {
      throw new UndecodableException("schema id " + id + " is not in the registry", e);
    }
  }
}
