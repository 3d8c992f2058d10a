package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.penstock.schemas.avro.Breaker;
import io.penstock.schemas.avro.ProviderState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the workers tell of the providers, as the ingress shows it. */
@ExtendWith(Penstock.Extension.class)
class ProvidersHttpTest {
  private static Penstock penstock;
  private static Http http;

  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final String model = "model-" + UUID.randomUUID();
  private KafkaProducer<String, byte[]> workers;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    http = shared.ingress();
  }

  @BeforeEach
  void open() {
    workers =
        new KafkaProducer<>(
            penstock.kafka.producer("workers", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  @AfterEach
  void close() {
    workers.close();
  }

  @Test
  void whatAllWorkersFoundIsPutTogether() {
    tell("w1", now.minusSeconds(60), Breaker.CLOSED, null, null, 50L);
    tell("w1", now.minusSeconds(5), Breaker.CLOSED, null, null, 40L);
    tell("w2", now.minusSeconds(9), Breaker.OPEN, now.plusSeconds(1), "provider_error", 45L);
    await().until(() -> !found().isMissingNode() && found().path("workers").size() == 2);
    JsonNode found = found();
    assertThat(found.path("provider").asText()).isEqualTo("p");
    assertThat(found.path("breaker").asText()).as("one worker calls it").isEqualTo("closed");
    assertThat(found.path("since").asText()).isEqualTo(now.minusSeconds(60).toString());
    assertThat(found.path("open_until").isNull()).isTrue();
    assertThat(found.path("reason").asText()).isEqualTo("provider_error");
    assertThat(found.path("remaining_requests").asLong()).as("who heard last").isEqualTo(40);
    assertThat(found.path("remaining_tokens").isNull()).isTrue();
    assertThat(found.path("reset_at").asText()).isEqualTo(now.plusSeconds(7).toString());
    assertThat(found.path("confirmed_at").asText()).isEqualTo(now.minusSeconds(5).toString());
    assertThat(found.path("workers").get(1).get("worker").asText()).isEqualTo("w2");
    assertThat(found.path("workers").get(1).get("breaker").asText()).isEqualTo("open");
    assertThat(found.path("workers").get(1).get("limit").asInt()).isEqualTo(17);
  }

  @Test
  void aModelThatNoWorkerCallsIsOpenUntilTheFirstTriesAgain() {
    tell("w1", now, Breaker.OPEN, now.plusSeconds(9), "quota_exhausted", null);
    tell("w2", now, Breaker.OPEN, now.plusSeconds(4), "quota_exhausted", null);
    await().until(() -> !found().isMissingNode() && found().path("workers").size() == 2);
    assertThat(found().path("breaker").asText()).isEqualTo("open");
    assertThat(found().path("open_until").asText()).isEqualTo(now.plusSeconds(4).toString());

    tell("w2", now.plusMillis(1), Breaker.HALF_OPEN, null, "quota_exhausted", null);
    await().until(() -> found().path("breaker").asText().equals("half_open"));
    assertThat(found().path("open_until").isNull()).isTrue();
  }

  @Test
  void whatIsNotConfirmedOrIsTakenBackIsLeftOut() {
    tell("dead", now.minus(Duration.ofMinutes(3)), Breaker.OPEN, now, "provider_error", null);
    tell("w1", now, Breaker.CLOSED, null, null, null);
    await().until(() -> !found().isMissingNode());
    assertThat(found().path("workers")).hasSize(1);
    var _ =
        workers.send(
            new ProducerRecord<>(penstock.topics.providers().name(), "w1/p/" + model, null));
    await().until(() -> found().isMissingNode());
  }

  @Test
  void onlyOperatorsSeeModelsThatNobodyLists() {
    String name = Penstock.newName();
    var closed =
        penstock.ingress(
            new IngressSettings(
                name,
                IngressSettings.LOOPBACK,
                0,
                penstock.directory(name),
                IngressSettings.LONGEST_WAIT,
                IngressSettings.DELIVERY_TIMEOUT,
                ApiKeys.of(Map.of("key-of-acme", "acme", "root", "*"))),
            "x-api-key",
            "root");
    tell("w1", now, Breaker.CLOSED, null, null, null);
    var listed = state("w1", FakeTopology.MODEL, now, Breaker.CLOSED, null, null, null);
    send("w1/p/" + FakeTopology.MODEL, listed);
    await()
        .until(() ->
            models(closed, "x-api-key", "root").containsAll(List.of(model, FakeTopology.MODEL)));
    assertThat(models(closed, "x-api-key", "key-of-acme"))
        .contains(FakeTopology.MODEL)
        .doesNotContain(model);
  }

  private void tell(
      String worker,
      Instant at,
      Breaker breaker,
      @Nullable Instant openUntil,
      @Nullable String reason,
      @Nullable Long requests) {
    send(worker + "/p/" + model, state(worker, model, at, breaker, openUntil, reason, requests));
  }

  private ProviderState state(
      String worker,
      String model,
      Instant at,
      Breaker breaker,
      @Nullable Instant openUntil,
      @Nullable String reason,
      @Nullable Long requests) {
    return new ProviderState(
        worker,
        "p",
        model,
        at,
        breaker,
        openUntil,
        reason,
        requests,
        null,
        requests == null ? null : now.plusSeconds(7),
        requests == null ? null : 17);
  }

  private void send(String key, ProviderState state) {
    var topic = penstock.topics.providers();
    var _ =
        workers.send(
            new ProducerRecord<>(
                topic.name(), key, topic.values().serializer().serialize(topic.name(), state)));
  }

  private JsonNode found() {
    return StreamSupport.<JsonNode>stream(all(http).spliterator(), false)
        .filter(each -> each.get("model").asText().equals(model))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  private static List<String> models(Http http, String... headers) {
    return StreamSupport.stream(all(http, headers).spliterator(), false)
        .map(each -> each.get("model").asText())
        .toList();
  }

  private static JsonNode all(Http http, String... headers) {
    return http.send(http.request("/v1/providers", headers).GET()).json().path("models");
  }
}
