package io.penstock.policies;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestsTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  /** No field has its default, so that one that a copy forgets is seen. */
  private static final InferenceRequest FULL =
      aRequest()
          .withId("r7")
          .forTenant("acme")
          .ofModel("gpt-5-mini")
          .then("assistant", "A pipe.")
          .answeredInAtMost(7)
          .atTemperature(0.7)
          .usingCache(false)
          .acceptedAt(NOON)
          .dueBy(NOON.plusSeconds(7))
          .underKey("key-7")
          .repliedTo(7)
          .tagged("team", "seven")
          .embedding("[\"seven\"]")
          .then("user", "Why?")
          .with(Options.newBuilder().setTopP(0.7).build())
          .written(Dialect.OPENAI)
          .aside("{\"user\": \"u7\"}")
          .caching(new CacheControl(7L, false, false, false))
          .payingWith("key-7")
          .atTier("flex")
          .streamed()
          .build();

  private static final Map<String, Object> ASKING_NOTHING = new HashMap<>();

  static {
    ASKING_NOTHING.put("messages", List.of());
    ASKING_NOTHING.put("input", null);
    ASKING_NOTHING.put("options", null);
  }

  static Stream<Arguments> copies() {
    return Stream.of(
        Arguments.of(
            Requests.timed(FULL, NOON.plusSeconds(1), NOON.plusSeconds(2)),
            Map.of("acceptedAt", NOON.plusSeconds(1), "deadlineAt", NOON.plusSeconds(2))),
        Arguments.of(Requests.named(FULL, "r8"), Map.of("id", "r8")),
        Arguments.of(Requests.withReply(FULL, 8), Map.of("replyPartition", 8)),
        Arguments.of(Requests.withoutQuestion(FULL), ASKING_NOTHING),
        Arguments.of(Requests.withQuestionOf(Requests.withoutQuestion(FULL), FULL), Map.of()));
  }

  @ParameterizedTest
  @MethodSource("copies")
  void aCopyDiffersInWhatItSaysAndInNothingElse(
      InferenceRequest copy, Map<String, Object> changes) {
    for (Schema.Field field : FULL.getSchema().getFields()) {
      assertThat(copy.get(field.pos()))
          .as(field.name())
          .isEqualTo(changes.getOrDefault(field.name(), FULL.get(field.pos())));
    }
  }

  @Test
  void theFullRequestLeavesNoFieldAtItsDefault() {
    assertThat(
            FULL.getSchema().getFields().stream()
                .filter(Schema.Field::hasDefaultValue)
                .filter(field ->
                    Objects.equals(
                        FULL.get(field.pos()), FULL.getSpecificData().getDefaultValue(field)))
                .map(Schema.Field::name))
        .isEmpty();
  }
}
