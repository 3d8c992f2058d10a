package io.penstock.infra.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.ConfigurationException;
import io.penstock.infra.config.ProviderRow;
import io.penstock.infra.config.Setting;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.workers.provider.ProviderSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ProvidersTest {
  private static final String LISTED =
      """
      {"data": [{"id": "gpt-4.1"}, {"id": "claude-haiku-4-5"}, {"id": "deepseek-chat"}, {"id": "house"}]}
      """;

  private final PriceCatalogue prices = PriceCatalogue.bundled();
  private HttpServer server;

  @BeforeEach
  void aServerThatListsTheModelsOfManyVendors() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext(
        "/v1/models",
        exchange -> {
          byte[] body = LISTED.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void gone() {
    server.stop(0);
  }

  @Test
  void aListedModelOfAnthropicGoesToAnthropicWhereThatIsConfigured() {
    Providers providers =
        real(Map.of(Setting.OPENAI_URL, url(), Setting.ANTHROPIC_URL, "http://127.0.0.1:1"));
    assertThat(providers.models().providerByModel())
        .containsEntry("claude-haiku-4-5", "anthropic")
        .containsEntry("gpt-4.1", "openai")
        .containsEntry("house", "openai");
    assertThat(byId(providers, "anthropic").baseUrl()).isEqualTo("http://127.0.0.1:1");
  }

  @Test
  void aServerThatResellsOtherVendorsModelsIsCalledInItsDialectAtTheirPrices() {
    Providers providers = real(Map.of(Setting.OPENAI_URL, url()));
    assertThat(providers.models().providerByModel())
        .containsEntry("claude-haiku-4-5", "anthropic")
        .containsEntry("deepseek-chat", "deepseek")
        .containsEntry("house", "openai");
    assertThat(providers.settings()).allSatisfy(p -> assertThat(p.baseUrl()).isEqualTo(url()));
    assertThat(byId(providers, "anthropic").dialect())
        .isEqualTo(byId(providers, "openai").dialect());
  }

  @Test
  void aModelThatOnlyItsUserKnowsGoesToTheOneConfiguredProvider() {
    Providers providers = real(Map.of(Setting.OPENAI_URL, url(), Setting.DEFAULT_MODEL, "mine"));
    assertThat(providers.models().providerByModel()).containsEntry("mine", "openai");
    assertThat(providers.summary()).contains("openai").contains(" at " + url());
  }

  @Test
  void pricesWithoutAModelOfTheProviderAreToldWithTheRemedy() {
    var none = new PriceCatalogue(List.of());
    Configuration.Models models =
        Configuration.fixed(Map.of(Setting.ANTHROPIC_URL, "http://127.0.0.1:1")).models();
    assertThatThrownBy(() -> Providers.real(models, none, new ModelList(Duration.ofMinutes(1))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("--prices is \"bundled\"")
        .hasMessageContaining("--default-model");
  }

  @Test
  void aProviderOfTheFileIsCalledAsItsPresetSaysAndServesWhatItLists() {
    var providers = named("house", Map.of("like", "vllm", "base_url", url()), List.of());
    assertThat(providers.models().providerByModel())
        .containsEntry("house", "house")
        .containsEntry("claude-haiku-4-5", "house");
    assertThat(byId(providers, "house").baseUrl()).isEqualTo(url());
  }

  @Test
  void aProviderOfTheFileServesWhatItsRowSays() {
    var providers = named("groq", Map.of("like", "groq"), List.of("llama-3.3-70b"));
    assertThat(providers.models().providerByModel()).isEqualTo(Map.of("llama-3.3-70b", "groq"));
    assertThat(byId(providers, "groq").baseUrl()).isEqualTo("https://api.groq.com/openai/v1");
  }

  @Test
  void aProviderLikeNobodyIsToldWithItsPlace() {
    assertThatThrownBy(() -> named("house", Map.of("like", "vlllm"), List.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("providers.house")
        .hasMessageContaining("vlllm");
  }

  private Providers named(String id, Map<String, String> traits, List<String> models) {
    ObjectNode row = new ObjectMapper().valueToTree(traits);
    var rows = List.of(new ProviderRow(id, "providers." + id, row, Optional.empty(), models));
    var configured =
        new Configuration.Models(
            Optional.empty(), Optional.empty(), rows, Optional.empty(), Optional.empty());
    return Providers.real(configured, prices, new ModelList(Duration.ofMinutes(1)));
  }

  @Test
  void theSimulatorIsNamedAsSuch() {
    Providers providers =
        Providers.simulated(
            URI.create("http://10.0.0.1:8090"), Configuration.fixed(Map.of()).models(), prices);
    assertThat(providers.summary()).startsWith("simulator at http://10.0.0.1:8090");
    assertThat(byId(providers, "openai").baseUrl()).isEqualTo("http://10.0.0.1:8090/v1");
  }

  private Providers real(Map<Setting, String> settings) {
    return Providers.real(
        Configuration.fixed(settings).models(), prices, new ModelList(Duration.ofMinutes(1)));
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  private static ProviderSettings byId(Providers providers, String id) {
    return providers.settings().stream().filter(p -> p.id().equals(id)).findFirst().orElseThrow();
  }
}
