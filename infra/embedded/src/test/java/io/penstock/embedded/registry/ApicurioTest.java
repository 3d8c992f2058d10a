package io.penstock.embedded.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Messages;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.registry.HttpSchemaRegistry;
import io.penstock.schemas.registry.RegistryException;
import io.penstock.schemas.registry.RegistrySettings;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Our client against a real registry server, and our facade's answers against that server's. Run by
 * {@code mvn -pl schemas,infra/embedded verify -Psoak}, which fetches the server first.
 */
@Tag("soak")
class ApicurioTest {
  private ApicurioServer server;

  @BeforeEach
  void start() throws Exception {
    server = ApicurioServer.start();
    server.send("PUT", "/config", "{\"compatibility\": \"BACKWARD\"}"); // it starts without a rule
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theConfluentClientHearsTheSameAsFromOurFacade() {
    assertThat(ConfluentConversation.with(server.url()))
        .containsExactlyElementsOf(ConfluentConversation.EXPECTED);
  }

  @Test
  void ourClientRegistersReadsAndIsRefused() {
    try (var client = new HttpSchemaRegistry(RegistrySettings.of(server.url()))) {
      int id = client.register("orders-value", Versions.first());
      assertThat(client.register("archive-value", Versions.first())).isEqualTo(id);
      assertThatThrownBy(() -> client.register("orders-value", Versions.broken()))
          .isInstanceOf(RegistryException.Incompatible.class);
      assertThatThrownBy(() -> client.byId(999_999)).isInstanceOf(RegistryException.NotFound.class);
    }
    try (var other = new HttpSchemaRegistry(RegistrySettings.of(server.url()))) {
      int id = other.register("orders-value", Versions.first());
      assertThat(other.byId(id)).isEqualTo(Versions.first());
    }
  }

  @Test
  void theWholeCatalogueIsRegisteredAndAnotherProcessReadsWhatOneWrites() {
    var request =
        InferenceRequest.newBuilder()
            .setId("r1")
            .setMessages(List.of(Messages.text("user", "How wide is the Rhône?")))
            .build();
    byte[] bytes;
    try (var client = new HttpSchemaRegistry(RegistrySettings.of(server.url()))) {
      var topics = new Topics("penstock.", 1, client);
      topics.registerSchemas();
      bytes =
          topics
              .requests(Lane.BATCH)
              .values()
              .serializer()
              .serialize("penstock.requests.batch", request);
    }
    try (var client = new HttpSchemaRegistry(RegistrySettings.of(server.url()))) {
      var topics = new Topics("penstock.", 1, client);
      assertThat(
              topics
                  .requests(Lane.BATCH)
                  .values()
                  .deserializer()
                  .deserialize("penstock.requests.batch", bytes))
          .isEqualTo(request);
    }
  }

  @Test
  void aSchemaSplitOverSubjectsIsPutTogether() throws Exception {
    server.send("POST", "/subjects/test.Order/versions", body(Versions.first().toString(), ""));
    String basket =
        """
        {"type": "record", "name": "Basket", "namespace": "test",
         "fields": [{"name": "order", "type": "test.Order"}]}
        """;
    String answer =
        server.send(
            "POST",
            "/subjects/baskets-value/versions",
            body(
                basket,
                ", \"references\": [{\"name\": \"test.Order\", \"subject\": \"test.Order\","
                    + " \"version\": 1}]"));
    int id = new ObjectMapper().readTree(answer).path("id").asInt();
    try (var client = new HttpSchemaRegistry(RegistrySettings.of(server.url()))) {
      Schema whole = client.byId(id);
      assertThat(whole.getField("order").schema()).isEqualTo(Versions.first());
    }
  }

  private static String body(String schema, String more) throws Exception {
    return "{\"schema\": " + new ObjectMapper().writeValueAsString(schema) + more + "}";
  }
}
