package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.embedded.broker.EmbeddedBroker;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.Stalls;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerDownTest {
  private static final Duration SLACK = Duration.ofMillis(1500);
  private static final Duration PATIENT = Duration.ofSeconds(3); // the delivery timeout
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  static {
    Awaitility.setDefaultTimeout(PATIENCE);
  }

  private final MemoryRegistry registry = new MemoryRegistry();
  private final Topics topics = new Topics("penstock.", 1, registry);
  private final Admission admission =
      new Admission(
          Admission.DEFAULT_DEADLINES,
          new ModelDirectory(Map.of(FakeTopology.MODEL, "simulator"), FakeTopology.MODEL),
          1);

  @Test
  void anInstanceServesAroundEveryAbsenceOfTheBroker(@TempDir Path directory) throws Exception {
    int port = freePort();
    var kafka = KafkaConnection.to("127.0.0.1:" + port);
    var settings =
        new IngressSettings(
            "lonely",
            IngressSettings.LOOPBACK,
            0,
            directory.resolve("ingress"),
            IngressSettings.LONGEST_WAIT,
            PATIENT,
            ApiKeys.none());
    try (var http =
        new Http(
            Ingress.start(
                settings,
                kafka,
                topics,
                registry,
                admission,
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)))) {
      assertThat(http.get("/health").status()).isEqualTo(200);
      isAwayAndSaysSo(http);
      refusesIn(http, "/v1/inference", "{\"prompt\":\"x\",\"deadline_ms\":60000}", PATIENT);
      String id;
      try (var broker = EmbeddedBroker.start(directory.resolve("broker"), port)) {
        provision(broker);
        Awaitility.await()
            .until(
                () -> http.get("/health/ready").json().get("checks").toString(),
                checks ->
                    checks.startsWith(
                        "{\"broker\":\"ok\",\"registry\":\"ok\",\"topology\":\"not running"));
        try (var topology = new FakeTopology(kafka, topics)) {
          Awaitility.await()
              .until(() -> http.get("/health/ready").status(), status -> status == 200);
          id = http.postUntilStored("/v1/inference", "{\"prompt\":\"hello\"}").id();
          assertThat(topology.dispatched("hello"))
              .filteredOn(request -> request.getId().equals(id))
              .hasSize(1);
          Awaitility.await()
              .until(() -> http.get("/v1/costs").json().path("rows").size(), rows -> rows == 1);
        }
      }
      isAwayAndSaysSo(http);
      refusesIn(http, "/v1/batch", "{\"requests\":[{\"prompt\":\"x\"}]}", PATIENT);
      assertThat(http.get("/v1/requests/" + id).status()).isEqualTo(200);
      assertThat(http.get("/v1/costs").status()).isEqualTo(200);
      try (var broker = EmbeddedBroker.start(directory.resolve("broker"), port);
          var topology = new FakeTopology(kafka, topics)) {
        Awaitility.await()
            .until(() -> http.infer("{\"prompt\":\"back\"}").status(), status -> status == 200);
        assertThat(topology.dispatched("back")).isNotEmpty();
        assertThat(broker.port()).isEqualTo(port);
      }
    }
  }

  private static void isAwayAndSaysSo(Http http) {
    refusesIn(
        http, "/v1/inference", "{\"prompt\":\"x\",\"deadline_ms\":800}", Duration.ofMillis(800));
    var bad = http.infer("{\"prompt\":\"\"}");
    assertThat(bad.status()).isEqualTo(400);
    assertThat(http.get("/health").status()).isEqualTo(200);
    var ready = http.get("/health/ready");
    assertThat(ready.status()).isEqualTo(503);
    assertThat(ready.header("Retry-After")).isPresent();
    assertThat(ready.json().get("ready").asBoolean()).isFalse();
    assertThat(ready.json().get("checks").get("broker").asText()).isNotEqualTo("ok");
    assertThat(ready.json().get("checks").get("registry").asText()).isEqualTo("ok");
  }

  private static void refusesIn(Http http, String path, String body, Duration time) {
    Http.Got got;
    try (var stalls = new Stalls()) {
      got = http.post(path, body);
      assertThat(stalls.running()).isLessThan(time.plus(SLACK));
    }
    assertThat(got.status()).as(got.body()).isEqualTo(503);
    assertThat(got.error()).isEqualTo("unavailable");
    assertThat(got.header("Retry-After")).isPresent();
    assertThat(got.header("x-penstock-id")).isEmpty();
    assertThat(got.body()).doesNotContain("127.0.0.1");
  }

  private void provision(EmbeddedBroker broker) {
    try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      new TopicProvisioner(admin, TopicProvisioner.BROKER_DEFAULT, PATIENCE).provision(topics);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
