package io.penstock.embedded.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.registry.HttpSchemaRegistry;
import io.penstock.schemas.registry.RegistryException;
import io.penstock.schemas.registry.RegistrySettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegistryFacadeTest {
  private final MemoryRegistry registry = new MemoryRegistry();
  private final RegistryFacade facade = RegistryFacade.start(registry, 0);
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    http.close();
    facade.close();
  }

  @Test
  void ourOwnClientRegistersReadsAndIsRefusedOverHttp() {
    try (var client = new HttpSchemaRegistry(RegistrySettings.of(facade.url()))) {
      int id = client.register("orders-value", Versions.first());
      assertThat(registry.register("orders-value", Versions.first())).isEqualTo(id);
      assertThat(client.byId(id)).isEqualTo(Versions.first());
      assertThatThrownBy(() -> client.register("orders-value", Versions.broken()))
          .isInstanceOf(RegistryException.Incompatible.class)
          .hasMessageContaining("count");
      assertThatThrownBy(() -> client.byId(99)).isInstanceOf(RegistryException.NotFound.class);
    }
  }

  @Test
  void theGenuineConfluentClientHearsWhatAConfluentRegistryWouldSay() {
    assertThat(ConfluentConversation.with(facade.url()))
        .containsExactlyElementsOf(ConfluentConversation.EXPECTED);
  }

  @Test
  void refusalsCarryConfluentsCodesAndContentType() throws Exception {
    assertRefused("GET", "/subjects/nobody/versions", "", 404, 40401);
    registry.register("orders-value", Versions.first());
    assertRefused("GET", "/subjects/orders-value/versions/7", "", 404, 40402);
    assertRefused("GET", "/subjects/orders-value/versions/none", "", 422, 42202);
    assertRefused("GET", "/schemas/ids/77", "", 404, 40403);
    assertRefused("GET", "/config/orders-value", "", 404, 40408);
    assertRefused("PUT", "/config", "{\"compatibility\": \"SOMEHOW\"}", 422, 42203);
    assertRefused("POST", "/subjects/x/versions", "{\"schema\": \"{}\"}", 422, 42201);
    assertRefused("POST", "/subjects/x/versions", "not JSON", 400, 400);
  }

  private void assertRefused(String method, String path, String body, int status, int code)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(facade.url() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    var response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(path).isEqualTo(status);
    assertThat(response.body()).as(path).contains("\"error_code\":" + code);
    assertThat(response.headers().firstValue("content-type"))
        .contains("application/vnd.schemaregistry.v1+json");
  }

  @Test
  void aBusyPortIsNamedWithTheRemedy() {
    assertThatThrownBy(() -> RegistryFacade.start(registry, facade.port()))
        .isInstanceOf(PortBusyException.class)
        .hasMessageContaining("port " + facade.port())
        .hasMessageContaining("choose another port");
  }
}
