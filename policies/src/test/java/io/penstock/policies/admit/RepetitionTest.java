package io.penstock.policies.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.admit.Repetition.Standing;
import io.penstock.schemas.avro.Claim;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Status;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepetitionTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Repetition LAW = new Repetition(Duration.ofDays(2));

  @Test
  void aKeyNobodyUsedIsFree() {
    assertThat(LAW.standing(null, "hello", NOON)).isEqualTo(Standing.FREE);
  }

  @ParameterizedTest
  @CsvSource({
    "hello, PT0S, ITS_OWN",
    "hello, P2D, ITS_OWN",
    "hello, P2DT0.001S, FREE",
    "another, PT0S, TAKEN",
    "another, P2D, TAKEN",
    "another, P2DT0.001S, FREE",
    "another, PT-1H, TAKEN"
  })
  void aKeyStandsForTheRequestThatClaimedItUntilTheClaimIsForgotten(
      String fingerprint, Duration age, Standing standing) {
    var claim = new Claim("hello", NOON.minus(age));

    assertThat(LAW.standing(claim, fingerprint, NOON)).isEqualTo(standing);
    assertThat(LAW.forgettable(claim, NOON)).isEqualTo(standing == Standing.FREE);
  }

  @ParameterizedTest
  @CsvSource({
    "hello, PT0S, true",
    "hello, P2D, true",
    "hello, P2DT0.001S, false",
    "another, PT0S, false",
    ", PT0S, false"
  })
  void onlyTheRequestThatWasAnsweredGetsItsResponseAgain(
      @Nullable String answered, Duration age, boolean repeats) {
    InferenceResponse before = response(answered, NOON.minus(age));

    assertThat(LAW.repeats(before, "hello", NOON)).isEqualTo(repeats);
  }

  @Test
  void whoWasNotAnsweredIsNotAnsweredAgain() {
    assertThat(LAW.repeats(null, "hello", NOON)).isFalse();
  }

  private static InferenceResponse response(@Nullable String fingerprint, Instant completedAt) {
    return InferenceResponse.newBuilder()
        .setId("1")
        .setTenant("default")
        .setLane(Lane.EXPRESS)
        .setStatus(Status.FAILED)
        .setFingerprint(fingerprint)
        .setAcceptedAt(completedAt)
        .setCompletedAt(completedAt)
        .build();
  }
}
