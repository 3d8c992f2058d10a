package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Penstock.Extension.class)
class KeysHttpTest {
  private static Penstock penstock;
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    String name = Penstock.newName();
    http =
        shared.ingress(
            new IngressSettings(
                name,
                IngressSettings.LOOPBACK,
                0,
                shared.directory(name),
                IngressSettings.LONGEST_WAIT,
                IngressSettings.DELIVERY_TIMEOUT,
                ApiKeys.of(Map.of("key-of-acme", "acme", "key-of-rival", "rival", "root", "*"))),
            "x-api-key",
            "root");
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/inference, POST",
    "/v1/batch, POST",
    "/v1/requests/x, GET",
    "/v1/costs, GET",
    "/v1/budgets, GET",
    "/v1/models, GET",
    "/v1/providers, GET"
  })
  void withoutAKeyThereIsNothingToBeHad(String path, String method) {
    for (String[] headers :
        new String[][] {
          {},
          {"Authorization", "Bearer nonsense"},
          {"Authorization", "key-of-acme"},
          {"x-api-key", "key-of-acm"},
          {"x-api-key", ""}
        }) {
      var request = http.request(path, headers);
      var got =
          http.send(
              method.equals("POST") ? request.POST(BodyPublishers.ofString("{}")) : request.GET());
      assertThat(got.status()).as(String.join(" ", headers)).isEqualTo(401);
      assertThat(got.error()).isEqualTo("unauthorized");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health", "/health/ready", "/metrics"})
  void healthAndMetricsNeedNoKey(String path) {
    assertThat(http.get(path).status()).isNotEqualTo(401);
  }

  @Test
  void theKeySaysWhoPays() {
    http.infer("{\"prompt\":\"paid by acme\"}", "Authorization", "bearer key-of-acme");
    http.infer("{\"prompt\":\"paid by rival\"}", "x-api-key", "key-of-rival");
    http.infer("{\"prompt\":\"paid by nobody in particular\"}", "x-api-key", "root");
    assertThat(tenantOf("paid by acme")).isEqualTo("acme");
    assertThat(tenantOf("paid by rival")).isEqualTo("rival");
    assertThat(tenantOf("paid by nobody in particular")).isEqualTo("default");
  }

  @Test
  void aRequestIsAnotherTenantsBusinessOnlyForTheOperator() {
    var answered = http.infer("{\"prompt\":\"private\"}", "x-api-key", "key-of-acme").id();
    var pending =
        http.postUntilStored(
                "/v1/inference",
                "{\"prompt\":\"hold in private\",\"deadline_ms\":300}",
                "x-api-key",
                "key-of-acme")
            .id();
    for (String id : new String[] {answered, pending}) {
      Awaitility.await()
          .untilAsserted(() -> {
            assertThat(status(id, "key-of-acme")).isEqualTo(200);
            assertThat(status(id, "key-of-rival")).isEqualTo(404);
            assertThat(status(id, "root")).isEqualTo(200);
          });
    }
  }

  @Test
  void theSameIdempotencyKeyOfTwoTenantsIsTwoKeys() {
    var ours =
        http.infer("{\"prompt\":\"ours\"}", "x-api-key", "key-of-acme", "Idempotency-Key", "k");
    var theirs =
        http.infer("{\"prompt\":\"theirs\"}", "x-api-key", "key-of-rival", "Idempotency-Key", "k");
    assertThat(ours.status()).isEqualTo(200);
    assertThat(theirs.status()).isEqualTo(200);
    assertThat(theirs.id()).isNotEqualTo(ours.id());
  }

  @Test
  void aTenantSeesItsOwnCostsAndTheOperatorEverybodys() {
    http.infer("{\"prompt\":\"cost of acme\"}", "x-api-key", "key-of-acme");
    http.infer("{\"prompt\":\"cost of rival\"}", "x-api-key", "key-of-rival");
    Awaitility.await()
        .untilAsserted(() -> {
          assertThat(tenants("/v1/costs", "root")).contains("acme", "rival");
          assertThat(tenants("/v1/costs", "key-of-acme")).isEqualTo("[\"acme\"]");
          assertThat(tenants("/v1/costs?tenant=rival", "root")).isEqualTo("[\"rival\"]");
        });
    var nosy = http.get("/v1/costs?tenant=rival", "x-api-key", "key-of-acme");
    assertThat(nosy.status()).isEqualTo(400);
    assertThat(nosy.field()).isEqualTo("tenant");
  }

  @Test
  void aQuestionToTheLedgerThatMakesNoSenseIsRefusedWithItsField() {
    record Wrong(String query, String field) {}
    for (var wrong :
        List.of(
            new Wrong("by=colour", "by"),
            new Wrong("from=yesterday", "from"),
            new Wrong("to=2026-02-30", "to"),
            new Wrong("from=2026-11-24&to=2026-11-24", "to"))) {
      var refused = http.get("/v1/costs?" + wrong.query(), "x-api-key", "root");
      assertThat(refused.status()).as(wrong.query()).isEqualTo(400);
      assertThat(refused.field()).as(wrong.query()).isEqualTo(wrong.field());
    }
    assertThat(
            http.get("/v1/costs?by=day&from=2026-11-01&to=2026-12-01", "x-api-key", "root")
                .status())
        .isEqualTo(200);
  }

  private static String tenants(String path, String key) {
    var rows = http.get(path, "x-api-key", key).json().path("rows");
    var names = rows.findValuesAsText("key").stream().map(n -> '"' + n + '"').sorted().toList();
    return "[" + String.join(", ", names) + "]";
  }

  private static int status(String id, String key) {
    return http.get("/v1/requests/" + id, "x-api-key", key).status();
  }

  private static String tenantOf(String prompt) {
    return penstock.topology.dispatched(prompt).getFirst().getTenant();
  }
}
