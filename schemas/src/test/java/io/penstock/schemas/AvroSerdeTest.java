package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.registry.HttpSchemaRegistry;
import io.penstock.schemas.registry.RegistryException;
import io.penstock.schemas.registry.RegistrySettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroSerdeTest {
  private static final String TOPIC = "requests";

  private final TestingRegistry registry = new TestingRegistry();
  private final AvroSerde<InferenceRequest> serde =
      new AvroSerde<>(InferenceRequest.class, registry);

  private static InferenceRequest request() {
    return InferenceRequest.newBuilder()
        .setId("r1")
        .setTenant("ann")
        .setMessages(List.of(Messages.text("user", "How wide is the Rhône? 🌊")))
        .setMaxTokens(64)
        .setTemperature(0.5)
        .setDeadlineAt(Instant.parse("2026-11-24T12:00:00.123Z"))
        .setMetadata(Map.of("team", "a"))
        .build();
  }

  private byte[] encoded(InferenceRequest request) {
    return serde.serializer().serialize(TOPIC, request);
  }

  private InferenceRequest decoded(byte[] bytes) {
    return serde.deserializer().deserialize(TOPIC, bytes);
  }

  @Test
  void whatIsWrittenIsReadBackTheSame() {
    assertThat(decoded(encoded(request()))).isEqualTo(request());
  }

  @Test
  void aRecordWithAUnionOfEventsIsReadBackTheSame() {
    var events = new AvroSerde<>(AttemptEvent.class, registry);
    var renewed = new AttemptEvent(new AttemptRenewed("a1", "d1", 15_000L));
    assertThat(
            events
                .deserializer()
                .deserialize("results", events.serializer().serialize("results", renewed)))
        .isEqualTo(renewed);
  }

  @Test
  void theBytesAreAZeroTheIdAndTheDatum() throws IOException {
    registry.register("other-value", SchemaBuilder.builder().stringType());
    byte[] bytes = encoded(request());

    assertThat(bytes).startsWith(0, 0, 0, 0, 2);
    Schema written = registry.byId(2);
    GenericRecord datum =
        new GenericDatumReader<GenericRecord>(written)
            .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
    assertThat(datum.get("id")).hasToString("r1");
    assertThat(datum.get("tenant")).hasToString("ann");
  }

  @Test
  void theSchemaIsRegisteredForTheTopicsValuesWithoutJavasAdditions() {
    byte[] _ = encoded(request());
    assertThat(registry.subjects()).containsOnlyKeys("requests-value");
    assertThat(registry.byId(1).toString()).doesNotContain("avro.java.string");
  }

  @Test
  void aReaderFillsInWhatAnOlderWriterDidNotKnow() throws IOException {
    Schema older =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "InferenceRequest",
                 "namespace": "io.penstock.schemas.avro", "fields": [
                  {"name": "id", "type": "string"},
                  {"name": "messages", "type": {"type": "array", "items":
                    {"type": "record", "name": "Message", "fields": [
                      {"name": "role", "type": "string"},
                      {"name": "content", "type": "string"}]}}}]}
                """);
    int id = registry.register("elsewhere-value", older);
    var old = new GenericRecordBuilder(older).set("id", "r0").set("messages", List.of()).build();

    assertThat(decoded(wire(id, older, old)))
        .isEqualTo(InferenceRequest.newBuilder().setId("r0").setMessages(List.of()).build());
  }

  private static byte[] wire(int id, Schema schema, GenericRecord datum) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(schema).write(datum, encoder);
    return bytes.toByteArray();
  }

  @Test
  void aTombstoneHasNoBytes() {
    assertThat(serde.deserializer().deserialize(TOPIC, null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void bytesTooShortForAnIdAreUndecodable(int length) {
    assertThatThrownBy(() -> decoded(new byte[length]))
        .isInstanceOf(UndecodableException.class)
        .hasMessageContaining("wire format");
  }

  @Test
  void textIsUndecodable() {
    assertThatThrownBy(() -> decoded("{\"id\": 1}".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(UndecodableException.class)
        .hasMessageContaining("wire format");
  }

  @Test
  void anUnknownIdIsUndecodable() {
    assertThatThrownBy(() -> decoded(new byte[] {0, 0, 0, 0, 77}))
        .isInstanceOf(UndecodableException.class)
        .hasMessageContaining("77");
  }

  @Test
  void aDatumCutShortIsUndecodableWhereverItIsCut() {
    byte[] whole = encoded(request());
    for (int length = 5; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> decoded(cut))
          .as("%s bytes", length)
          .isInstanceOf(UndecodableException.class);
    }
  }

  @Test
  void aDatumOfAnotherKindIsUndecodable() throws IOException {
    Schema order =
        SchemaBuilder.record("Order").namespace("test").fields().requiredString("id").endRecord();
    int id = registry.register("orders-value", order);
    byte[] bytes = wire(id, order, new GenericRecordBuilder(order).set("id", "o1").build());
    assertThatThrownBy(() -> decoded(bytes))
        .isInstanceOf(UndecodableException.class)
        .hasMessageContaining("InferenceRequest");
  }

  @Test
  void garbageUnderAKnownIdIsUndecodable() {
    byte[] whole = encoded(request());
    var random = new Random(20_261_124);
    for (int i = 0; i < 500; i++) {
      byte[] garbage = new byte[5 + random.nextInt(40)];
      random.nextBytes(garbage);
      System.arraycopy(whole, 0, garbage, 0, 5);
      try {
        InferenceRequest _ = decoded(garbage); // what happens to be a request may pass
      } catch (UndecodableException e) {
        assertThat(e).hasMessageContaining("InferenceRequest");
      }
    }
  }

  @Test
  void aRegistryThatIsDownIsWorthAnotherTryAndSpoilsNothing() throws IOException {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    try (var down = new HttpSchemaRegistry(RegistrySettings.of("http://127.0.0.1:" + port))) {
      var cut = new AvroSerde<>(InferenceRequest.class, down);
      byte[] bytes = encoded(request());
      assertThatThrownBy(() -> cut.deserializer().deserialize(TOPIC, bytes))
          .isInstanceOf(RegistryException.Unavailable.class);
      assertThatThrownBy(() -> cut.serializer().serialize(TOPIC, request()))
          .isInstanceOf(RegistryException.Unavailable.class);
    }
  }
}
