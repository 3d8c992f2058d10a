package io.penstock.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.Headers;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSchemaRegistryTest {
  private static final Schema ORDER =
      SchemaBuilder.record("Order").namespace("test").fields().requiredString("id").endRecord();
  private static final String NOT_FOUND =
      "{\"error_code\": 40403, \"message\": \"Schema not found\"}";

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final MockWebServer first = new MockWebServer();
  private final MockWebServer second = new MockWebServer();

  @BeforeEach
  void start() throws IOException {
    first.start(InetAddress.ofLiteral("127.0.0.1"), 0);
    second.start(InetAddress.ofLiteral("127.0.0.1"), 0);
  }

  @AfterEach
  void stop() {
    first.close();
    second.close();
  }

  private static HttpSchemaRegistry client(String... urls) {
    return client(PATIENCE, urls);
  }

  private static HttpSchemaRegistry client(Duration patience, String... urls) {
    return new HttpSchemaRegistry(
        new RegistrySettings(
            List.of(urls).stream().map(URI::create).toList(), null, null, PATIENCE, patience));
  }

  private static String url(MockWebServer server) {
    return server.url("/").toString();
  }

  private static MockResponse json(int status, String body) {
    return new MockResponse(
        status, Headers.of("Content-Type", "application/vnd.schemaregistry.v1+json"), body);
  }

  private static String quoted(Schema schema) {
    return "\"" + schema.toString().replace("\"", "\\\"") + "\"";
  }

  @Test
  void aSchemaThatIsThereIsFoundWithoutRegistering() throws Exception {
    first.enqueue(json(200, "{\"subject\": \"orders-value\", \"version\": 1, \"id\": 7}"));
    try (var client = client(url(first))) {
      assertThat(client.register("orders-value", ORDER)).isEqualTo(7);
    }
    assertThat(first.getRequestCount()).isEqualTo(1);
    assertThat(first.takeRequest().getTarget()).isEqualTo("/subjects/orders-value");
  }

  @Test
  void aNewSchemaIsRegisteredOnceAndThenRemembered() throws Exception {
    first.enqueue(json(404, NOT_FOUND));
    first.enqueue(json(200, "{\"id\": 8}"));
    try (var client = client(url(first))) {
      assertThat(client.register("orders-value", ORDER)).isEqualTo(8);
      assertThat(client.register("orders-value", ORDER)).isEqualTo(8);
    }
    assertThat(first.getRequestCount()).isEqualTo(2);
    assertThat(first.takeRequest().getTarget()).isEqualTo("/subjects/orders-value");
    var registration = first.takeRequest();
    assertThat(registration.getTarget()).isEqualTo("/subjects/orders-value/versions");
    assertThat(registration.getHeaders().get("Content-Type"))
        .startsWith("application/vnd.schemaregistry.v1+json");
  }

  @Test
  void whatJavaAddsToAGeneratedSchemaIsNotRegistered() throws Exception {
    first.enqueue(json(200, "{\"id\": 1}"));
    var generated =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "Order", "namespace": "test", "fields": [
                  {"name": "id", "type": {"type": "string", "avro.java.string": "String"}}]}
                """);
    try (var client = client(url(first))) {
      client.register("orders-value", generated);
    }
    assertThat(body(first)).contains("Order").doesNotContain("avro.java.string");
  }

  private static String body(MockWebServer server) throws InterruptedException {
    var body = server.takeRequest().getBody();
    return body == null ? "" : body.utf8();
  }

  @Test
  void aSchemaIsFetchedByItsIdOnce() {
    first.enqueue(json(200, "{\"schema\": " + quoted(ORDER) + "}"));
    try (var client = client(url(first))) {
      assertThat(client.byId(5)).isEqualTo(ORDER);
      assertThat(client.byId(5)).isEqualTo(ORDER);
    }
    assertThat(first.getRequestCount()).isEqualTo(1);
  }

  @Test
  void typesInOtherSubjectsAreFetchedBeforeTheSchemaThatRefersToThem() {
    var basket =
        """
        {"schema": "{\\"type\\": \\"record\\", \\"name\\": \\"Basket\\", \\"namespace\\": \\"test\\",
          \\"fields\\": [{\\"name\\": \\"order\\", \\"type\\": \\"test.Order\\"}]}",
         "references": [{"name": "test.Order", "subject": "test.Order", "version": 2}]}
        """
            .replace("\n  ", " ");
    first.enqueue(json(200, basket));
    first.enqueue(json(200, "{\"schema\": " + quoted(ORDER) + "}"));
    try (var client = client(url(first))) {
      assertThat(client.byId(6).getField("order").schema()).isEqualTo(ORDER);
    }
  }

  @Test
  void theBasePathIsKept() throws Exception {
    first.enqueue(json(200, "{\"id\": 1}"));
    first.enqueue(json(200, "{\"id\": 2}"));
    try (var client = client(first.url("/apis/ccompat/v7").toString())) {
      client.register("a/b", ORDER);
    }
    try (var client = client(first.url("/apis/ccompat/v7/").toString())) {
      client.register("orders-value", ORDER);
    }
    assertThat(first.takeRequest().getTarget()).isEqualTo("/apis/ccompat/v7/subjects/a%2Fb");
    assertThat(first.takeRequest().getTarget()).isEqualTo("/apis/ccompat/v7/subjects/orders-value");
  }

  @Test
  void aDeadUrlIsSkippedForTheNextWhichIsThenPreferred() throws Exception {
    second.enqueue(json(200, "{\"id\": 1}"));
    second.enqueue(json(200, "{\"id\": 2}"));
    String dead = url(first);
    first.close();
    try (var client = client(dead, url(second))) {
      assertThat(client.register("orders-value", ORDER)).isEqualTo(1);
      try (var revived = new MockWebServer()) {
        revived.start(InetAddress.ofLiteral("127.0.0.1"), URI.create(dead).getPort());
        assertThat(client.register("others-value", ORDER)).isEqualTo(2);
        assertThat(revived.getRequestCount()).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 429})
  void anAilingUrlIsSkippedForTheNext(int status) {
    first.enqueue(json(status, "{}"));
    second.enqueue(json(200, "{\"id\": 1}"));
    try (var client = client(url(first), url(second))) {
      assertThat(client.register("orders-value", ORDER)).isEqualTo(1);
    }
  }

  @Test
  void aUrlThatNeverAnswersIsSkippedForTheNext() {
    assertThat(registeredAtTheSecond(Duration.ofMillis(500))).isEqualTo(1);
  }

  /** On a machine that pauses the second, too, may not answer soon enough. */
  private int registeredAtTheSecond(Duration patience) {
    first.enqueue(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE).build());
    second.enqueue(json(200, "{\"id\": 1}"));
    try (var client = client(patience, url(first), url(second))) {
      return client.register("orders-value", ORDER);
    } catch (RegistryException.Unavailable e) {
      if (patience.compareTo(PATIENCE) > 0) {
        throw e;
      }
      return registeredAtTheSecond(patience.multipliedBy(2));
    }
  }

  @Test
  void whenNobodyAnswersTheMessageNamesEveryUrlAndWhatToCheck() throws Exception {
    String dead;
    try (var port = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      dead = "http://127.0.0.1:" + port.getLocalPort();
    }
    first.enqueue(json(503, "{}"));
    try (var client = client(dead, url(first))) {
      assertThatThrownBy(() -> client.byId(1))
          .isInstanceOf(RegistryException.Unavailable.class)
          .hasMessageContaining(dead)
          .hasMessageContaining(url(first) + " answered 503")
          .hasMessageContaining("check its URL");
    }
  }

  @Test
  void anIncompatibleSchemaIsToldInTheRegistrysWords() {
    first.enqueue(json(404, NOT_FOUND));
    first.enqueue(
        json(409, "{\"error_code\": 409, \"message\": \"READER_FIELD_MISSING_DEFAULT: count\"}"));
    try (var client = client(url(first))) {
      assertThatThrownBy(() -> client.register("orders-value", ORDER))
          .isInstanceOf(RegistryException.Incompatible.class)
          .hasMessageContaining("READER_FIELD_MISSING_DEFAULT: count");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, '{\"error_code\": 401, \"message\": \"Unauthorized\"}', check the schema registry's user",
    "403, '{\"error_code\": 403, \"message\": \"Forbidden\"}', check the schema registry's user",
    "422, '{\"error_code\": 42201, \"message\": \"Invalid schema\"}', Invalid schema",
    "404, <html>no such page</html>, check the URL and its path",
    "200, <html>welcome</html>, check the URL and its path",
  })
  void aRefusalIsNotWorthAnotherTryAndSaysWhatToMend(int status, String body, String remedy) {
    first.enqueue(json(status, body));
    try (var client = client(url(first), url(second))) {
      assertThatThrownBy(() -> client.byId(1))
          .isInstanceOf(RegistryException.Refused.class)
          .hasMessageContaining(remedy);
    }
    assertThat(second.getRequestCount()).isZero();
  }

  @Test
  void anUnknownIdIsNotFound() {
    first.enqueue(json(404, NOT_FOUND));
    try (var client = client(url(first))) {
      assertThatThrownBy(() -> client.byId(99))
          .isInstanceOf(RegistryException.NotFound.class)
          .hasMessageContaining("Schema not found");
    }
  }

  @Test
  void theUserInTheUrlSignsEveryRequestInUtf8() throws Exception {
    first.enqueue(json(200, "{\"id\": 1}"));
    String url = url(first).replace("http://", "http://m%C3%BCller:p%40ss@");
    try (var client = new HttpSchemaRegistry(RegistrySettings.of(url))) {
      client.register("orders-value", ORDER);
    }
    assertThat(first.takeRequest().getHeaders().get("Authorization"))
        .isEqualTo("Basic bcO8bGxlcjpwQHNz"); // printf 'müller:p@ss' | base64, in UTF-8
  }
}
