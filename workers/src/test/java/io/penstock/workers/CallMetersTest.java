package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.policies.Reason;
import io.penstock.policies.limit.Traffic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Lane;
import io.penstock.workers.provider.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class CallMetersTest {
  private static final Result NOT_FOUND = Result.Failed.of(Reason.MODEL_NOT_FOUND, "no such model");

  private static final Attempt ATTEMPT = attempt();

  private Traffic traffic = new Traffic(20, 0, Map.of(), 0, 0);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CallMeters meters =
      new CallMeters(registry, (provider, model) -> Optional.of(traffic));

  @Test
  void namesThatNothingAnswersToAreCountedTogether() {
    for (int i = 0; i < 1_000; i++) {
      meters.ended(attemptOf("invented-" + i), NOT_FOUND, Duration.ofSeconds(1));
    }
    meters.firstToken(attemptOf("real"), Duration.ofSeconds(1));
    meters.ended(attemptOf("real"), NOT_FOUND, Duration.ofSeconds(1));

    assertThat(counted("(another)")).isEqualTo(1_000);
    assertThat(counted("real")).isEqualTo(1);
  }

  @Test
  void aProviderThatAnswersToAnyNameDoesNotMakeTimeSeriesWithoutEnd() {
    for (int i = 0; i < 1_000; i++) {
      meters.firstToken(attemptOf("invented-" + i), Duration.ofSeconds(1));
      meters.ended(attemptOf("invented-" + i), NOT_FOUND, Duration.ofSeconds(1));
    }

    assertThat(counted("(another)")).isEqualTo(800);
    assertThat(registry.getMeters().stream().map(Meter::getId).map(id -> id.getTag("model")))
        .hasSizeLessThan(1_000);
  }

  @Test
  void theTrafficOfAModelIsShownFromItsFirstAnswerOn() {
    meters.ended(attemptOf("invented"), NOT_FOUND, Duration.ofSeconds(1));
    assertThat(registry.find("penstock.model.limit").gauge()).isNull();

    meters.firstToken(attemptOf("real"), Duration.ofSeconds(1));
    traffic = new Traffic(17, 16, Map.of(Lane.BATCH, 9), 4, 1);

    assertThat(registry.get("penstock.model.limit").tag("model", "real").gauge().value())
        .isEqualTo(17);
    assertThat(registry.get("penstock.model.in.flight").gauge().value()).isEqualTo(16);
    assertThat(registry.get("penstock.model.waiting").tag("lane", "batch").gauge().value())
        .isEqualTo(9);
    assertThat(cuts("refused")).isEqualTo(4);
    assertThat(cuts("slow")).isEqualTo(1);
    meters.close();
    assertThat(registry.find("penstock.model.limit").gauge()).isNull();
    assertThat(registry.find("penstock.model.limit.cuts").functionCounter()).isNull();
  }

  private double cuts(String cause) {
    return registry.get("penstock.model.limit.cuts").tag("cause", cause).functionCounter().count();
  }

  private double counted(String model) {
    return registry
        .get("penstock.attempts")
        .tags(List.of(Tag.of("model", model)))
        .counter()
        .count();
  }

  private static Attempt attemptOf(String model) {
    return Attempt.newBuilder(ATTEMPT).setModel(model).build();
  }

  private static Attempt attempt() {
    var topics = new Topics("test.", 1, new MemoryRegistry());
    var bytes = new ByteArraySerializer();
    var candidate = new Candidate(Plant.PROVIDER, Plant.MODEL);
    return new Attempts(
            Plant.settings("w", 1),
            new Results(topics, new MockProducer<>(false, null, bytes, bytes)),
            InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z")))
        .next(Assignment.of(Plant.aDispatch(), List.of(candidate)), 0, candidate);
  }
}
