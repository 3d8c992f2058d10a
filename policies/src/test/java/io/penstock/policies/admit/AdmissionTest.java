package io.penstock.policies.admit;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.policies.ARequest;
import io.penstock.policies.Reason;
import io.penstock.policies.admit.Admission.Verdict;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Instant EARLIEST = Instant.ofEpochMilli(Long.MIN_VALUE);
  private static final Instant LATEST = Instant.ofEpochMilli(Long.MAX_VALUE);
  private static final int PARTITIONS = 12;
  private static final Admission ADMISSION =
      new Admission(
          Admission.DEFAULT_DEADLINES,
          new ModelDirectory(Map.of("gpt-5-mini", "openai"), "gpt-5-mini"),
          PARTITIONS);

  @ParameterizedTest
  @CsvSource({"EXPRESS, PT30S", "STANDARD, PT2M", "BATCH, PT24H"})
  void aRequestWithoutTimesGetsThoseOfItsArrivalAndItsLane(Lane lane, Duration deadline) {
    var admitted = judged(aRequest(), lane, NOON.minusSeconds(1), NOON);

    assertThat(admitted)
        .isEqualTo(
            new Verdict.Admitted(
                aRequest()
                    .acceptedAt(NOON.minusSeconds(1))
                    .dueBy(NOON.minusSeconds(1).plus(deadline))
                    .build()));
  }

  @Test
  void aRequestKeepsTheTimesItNames() {
    var timed = aRequest().acceptedAt(NOON.minusSeconds(5)).dueBy(NOON.plusSeconds(5));

    assertThat(judged(timed, Lane.EXPRESS, NOON, NOON))
        .isEqualTo(new Verdict.Admitted(timed.build()));
  }

  @Test
  void theLanesDeadlineCountsFromTheAcceptanceThatTheRequestNames() {
    var accepted = aRequest().acceptedAt(NOON.minusSeconds(29));

    assertThat(judged(accepted, Lane.EXPRESS, NOON, NOON))
        .isEqualTo(new Verdict.Admitted(accepted.dueBy(NOON.plusSeconds(1)).build()));
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("a blank id", aRequest().withId(" "), Reason.INVALID_VALUE, "id"),
        fault("an empty id", aRequest().withId(""), Reason.INVALID_VALUE, "id"),
        fault("a long id", aRequest().withId("x".repeat(257)), Reason.INVALID_VALUE, "id"),
        fault("an id like a path", aRequest().withId("a/b"), Reason.INVALID_VALUE, "id"),
        fault("a blank tenant", aRequest().forTenant("\t"), Reason.INVALID_VALUE, "tenant"),
        fault(
            "a long tenant", aRequest().forTenant("x".repeat(257)), Reason.INVALID_VALUE, "tenant"),
        fault(
            "an unknown role",
            aRequest().then("tool", "42"),
            Reason.INVALID_VALUE,
            "messages[1].role"),
        fault(
            "a role in capitals",
            aRequest().then("User", "Why?"),
            Reason.INVALID_VALUE,
            "messages[1].role"),
        fault("no turns", aRequest().withoutTurns(), Reason.EMPTY_PROMPT, "prompt"),
        fault("an empty prompt", aRequest().asking(""), Reason.EMPTY_PROMPT, "prompt"),
        fault(
            "nothing but white space",
            aRequest().asking(" \n").then("user", "\t"),
            Reason.EMPTY_PROMPT,
            "prompt"),
        fault("an unknown model", aRequest().ofModel("gpt-0"), Reason.UNKNOWN_MODEL, "model"),
        fault("an empty model", aRequest().ofModel(""), Reason.UNKNOWN_MODEL, "model"),
        fault("Auto", aRequest().ofModel("Auto"), Reason.UNKNOWN_MODEL, "model"),
        fault("a cold model", aRequest().atTemperature(-0.1), Reason.INVALID_VALUE, "temperature"),
        fault("a hot model", aRequest().atTemperature(2.1), Reason.INVALID_VALUE, "temperature"),
        fault(
            "no number", aRequest().atTemperature(Double.NaN), Reason.INVALID_VALUE, "temperature"),
        fault(
            "no end of heat",
            aRequest().atTemperature(Double.POSITIVE_INFINITY),
            Reason.INVALID_VALUE,
            "temperature"),
        fault("no tokens", aRequest().answeredInAtMost(0), Reason.INVALID_VALUE, "max_tokens"),
        fault(
            "fewer than none",
            aRequest().answeredInAtMost(Integer.MIN_VALUE),
            Reason.INVALID_VALUE,
            "max_tokens"),
        fault(
            "large tags",
            aRequest().tagged("k", "x".repeat(Limits.LARGEST_METADATA_BYTES)),
            Reason.INVALID_VALUE,
            "metadata"),
        fault(
            "large names of tags",
            aRequest().tagged("k".repeat(Limits.LARGEST_METADATA_BYTES), "v"),
            Reason.INVALID_VALUE,
            "metadata"),
        fault("a blank key", aRequest().underKey(" "), Reason.INVALID_VALUE, "Idempotency-Key"),
        fault(
            "a long key",
            aRequest().underKey("x".repeat(257)),
            Reason.INVALID_VALUE,
            "Idempotency-Key"),
        fault(
            "a negative partition",
            aRequest().repliedTo(-1),
            Reason.INVALID_VALUE,
            "replyPartition"),
        fault(
            "a partition too far",
            aRequest().repliedTo(PARTITIONS),
            Reason.INVALID_VALUE,
            "replyPartition"),
        fault(
            "a deadline at acceptance",
            aRequest().acceptedAt(NOON).dueBy(NOON),
            Reason.INVALID_DEADLINE,
            "deadline_ms"),
        fault(
            "a deadline before acceptance",
            aRequest().acceptedAt(NOON).dueBy(NOON.minusMillis(5)),
            Reason.INVALID_DEADLINE,
            "deadline_ms"),
        fault(
            "a deadline beyond a day",
            aRequest().acceptedAt(NOON).dueBy(NOON.plus(Duration.ofDays(1)).plusMillis(1)),
            Reason.INVALID_DEADLINE,
            "deadline_ms"),
        fault(
            "an acceptance in the far future",
            aRequest().acceptedAt(NOON.plus(Duration.ofDays(7))),
            Reason.INVALID_DEADLINE,
            "deadline_ms"),
        fault(
            "the latest acceptance there is",
            aRequest().acceptedAt(LATEST),
            Reason.INVALID_DEADLINE,
            "deadline_ms"),
        fault(
            "all the time there is",
            aRequest().acceptedAt(EARLIEST).dueBy(LATEST),
            Reason.INVALID_DEADLINE,
            "deadline_ms"),
        fault(
            "less than no time",
            aRequest().acceptedAt(LATEST).dueBy(EARLIEST),
            Reason.INVALID_DEADLINE,
            "deadline_ms"));
  }

  private static Arguments fault(String what, ARequest request, Reason reason, String field) {
    return Arguments.of(what, request.build(), reason, field);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void aFaultIsRefusedWithItsReasonAndItsField(
      String what, InferenceRequest request, Reason reason, String field) {
    Failure failure = refused(ADMISSION.judge(request, Lane.STANDARD, NOON, NOON));

    assertThat(failure.getCode()).isEqualTo(reason.code());
    assertThat(failure.getField()).isEqualTo(field);
    assertThat(failure.getMessage()).isNotBlank();
  }

  static Stream<ARequest> justWithinTheLimits() {
    return Stream.of(
        aRequest().withId("x".repeat(256)),
        aRequest().forTenant("x".repeat(256)),
        aRequest().then("system", "").then("developer", "").then("assistant", " "),
        aRequest().ofModel("gpt-5-mini"),
        aRequest().atTemperature(0.0),
        aRequest().atTemperature(-0.0),
        aRequest().atTemperature(2.0),
        aRequest().answeredInAtMost(1),
        aRequest().answeredInAtMost(Integer.MAX_VALUE),
        aRequest().tagged("k", "x".repeat(Limits.LARGEST_METADATA_BYTES - 1)),
        aRequest().underKey("x".repeat(256)),
        aRequest().repliedTo(0),
        aRequest().repliedTo(PARTITIONS - 1),
        aRequest().acceptedAt(NOON).dueBy(NOON.plusMillis(1)),
        aRequest().acceptedAt(NOON).dueBy(NOON.plus(Duration.ofDays(1))));
  }

  @ParameterizedTest
  @MethodSource("justWithinTheLimits")
  void theLimitItselfIsAllowed(ARequest request) {
    assertThat(judged(request, Lane.STANDARD, NOON, NOON)).isInstanceOf(Verdict.Admitted.class);
  }

  /** Repeated as often as fits the limit exactly, where it does. */
  @ParameterizedTest
  @ValueSource(strings = {"a", "\u00e9", "\u20ac", "\ud83d\ude00", "\ud83d", "\ude00"})
  void aPromptMayHaveExactlyTheBytesOfTheLimit(String character) {
    int bytes = (int) Utf8.length(character);
    String largest = character.repeat(Limits.LARGEST_TEXT_BYTES / bytes);
    largest += "a".repeat(Limits.LARGEST_TEXT_BYTES % bytes);

    assertThat(judged(aRequest().asking(largest), Lane.STANDARD, NOON, NOON))
        .isInstanceOf(Verdict.Admitted.class);
    Failure failure = refused(judged(aRequest().asking(largest + "a"), Lane.STANDARD, NOON, NOON));
    assertThat(failure.getCode()).isEqualTo(Reason.PROMPT_TOO_LARGE.code());
    assertThat(failure.getMessage())
        .contains(Integer.toString(Limits.LARGEST_TEXT_BYTES))
        .contains(Integer.toString(Limits.LARGEST_TEXT_BYTES + 1));
  }

  @Test
  void theTurnsOfAConversationCountTogether() {
    String half = "a".repeat(Limits.LARGEST_TEXT_BYTES / 2);

    assertThat(judged(aRequest().asking(half).then("assistant", half), Lane.BATCH, NOON, NOON))
        .isInstanceOf(Verdict.Admitted.class);
    assertThat(
            refused(
                    judged(
                        aRequest().asking(half).then("assistant", half).then("user", "?"),
                        Lane.BATCH,
                        NOON,
                        NOON))
                .getCode())
        .isEqualTo(Reason.PROMPT_TOO_LARGE.code());
  }

  @Test
  void aRequestIsRefusedForTheFirstOfItsFaults() {
    var faulty =
        aRequest()
            .withId("")
            .forTenant("")
            .withoutTurns()
            .ofModel("gpt-0")
            .atTemperature(9.0)
            .answeredInAtMost(0)
            .tagged("k", "x".repeat(Limits.LARGEST_METADATA_BYTES))
            .underKey("")
            .repliedTo(-1)
            .acceptedAt(NOON)
            .dueBy(NOON);
    var fields = new ArrayList<String>();
    List<Runnable> remedies =
        List.of(
            () -> faulty.withId("r1"),
            () -> faulty.forTenant("t"),
            () -> faulty.asking("Why?"),
            () -> faulty.ofModel("auto"),
            () -> faulty.atTemperature(1.0),
            () -> faulty.answeredInAtMost(1),
            () -> faulty.tagged("k", "x"),
            () -> faulty.underKey("key"),
            () -> faulty.repliedTo(0),
            () -> faulty.dueBy(NOON.plusSeconds(1)));
    for (Runnable remedy : remedies) {
      fields.add(refused(judged(faulty, Lane.EXPRESS, NOON, NOON)).getField());
      remedy.run();
    }

    assertThat(fields)
        .containsExactly(
            "id",
            "tenant",
            "prompt",
            "model",
            "temperature",
            "max_tokens",
            "metadata",
            "Idempotency-Key",
            "replyPartition",
            "deadline_ms");
    assertThat(judged(faulty, Lane.EXPRESS, NOON, NOON)).isInstanceOf(Verdict.Admitted.class);
  }

  @Test
  void whatIsWrongIsQuotedButNotAtAnyLength() {
    var failure = refused(judged(aRequest().ofModel("m".repeat(5_000)), Lane.BATCH, NOON, NOON));

    assertThat(failure.getMessage()).contains("mmm").hasSizeLessThan(300);
  }

  @ParameterizedTest
  @EnumSource(Lane.class)
  void everyLaneNeedsADefaultDeadline(Lane missing) {
    var incomplete = new HashMap<>(Admission.DEFAULT_DEADLINES);
    incomplete.remove(missing);

    assertThatThrownBy(() -> new Admission(incomplete, ADMISSION.models(), PARTITIONS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(missing.toString());
  }

  @ParameterizedTest(name = "{0} ms before the deadline: {1}")
  @CsvSource({"1, false", "0, true", "-1, true"})
  void nothingIsCalledFromTheDeadlineOn(long before, boolean late) {
    var request = aRequest().acceptedAt(NOON.minusSeconds(9)).dueBy(NOON.plusMillis(before));

    Verdict verdict = judged(request, Lane.STANDARD, NOON, NOON);

    assertThat(verdict).isInstanceOf(Verdict.Admitted.class);
    assertThat(ADMISSION.tooLate(((Verdict.Admitted) verdict).request(), NOON).isPresent())
        .isEqualTo(late);
  }

  @Test
  void theEarliestAcceptanceThereIsIsTooLateAndNoOverflow() {
    Verdict verdict = judged(aRequest().acceptedAt(EARLIEST), Lane.STANDARD, NOON, NOON);

    assertThat(ADMISSION.tooLate(((Verdict.Admitted) verdict).request(), NOON))
        .map(Failure::getCode)
        .contains(Reason.DEADLINE_EXCEEDED.code());
  }

  private static Verdict judged(ARequest request, Lane lane, Instant arrivedAt, Instant now) {
    return ADMISSION.judge(request.build(), lane, arrivedAt, now);
  }

  private static Failure refused(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    return ((Verdict.Refused) verdict).failure();
  }

  @Test
  void whatUnpacksToMoreThanARecordIsTooLarge() {
    assertThat(Admission.tooLarge(Limits.LARGEST_TEXT_BYTES + 512 * 1024)).isEmpty();
    assertThat(Admission.tooLarge(Limits.LARGEST_RECORD_BYTES))
        .hasValueSatisfying(
            failure -> assertThat(failure.getCode()).isEqualTo(Reason.PROMPT_TOO_LARGE.code()));
  }
}
