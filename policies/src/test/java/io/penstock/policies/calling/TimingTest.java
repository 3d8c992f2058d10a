package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.policies.coalesce.Rules;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimingTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "PT0.001S, PT10.001S",
    "PT30S, PT40S",
    "PT9M49.999S, PT9M59.999S",
    "PT9M50S, PT10M",
    "PT24H, PT10M"
  })
  void aCallMayLastALittleLongerThanItsRequestersPatience(Duration left, Duration timeout) {
    assertThat(Timing.DEFAULT.callTimeout(NOON.plus(left), NOON)).contains(timeout);
  }

  @ParameterizedTest
  @CsvSource({"PT0S", "PT-0.001S", "PT-24H"})
  void nothingIsCalledAtOrAfterTheDeadline(Duration left) {
    assertThat(Timing.DEFAULT.callTimeout(NOON.plus(left), NOON)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"EXPRESS, PT6S, PT2S", "STANDARD, PT12S, PT4S", "BATCH, PT1M, PT20S"})
  void aLeaseIsRenewedThriceInItsLength(Lane lane, Duration lease, Duration renewEvery) {
    assertThat(Timing.DEFAULT.lease(lane)).isEqualTo(lease);
    assertThat(Timing.DEFAULT.renewEvery(lane)).isEqualTo(renewEvery);
  }

  @ParameterizedTest
  @EnumSource(Lane.class)
  void everyLaneNeedsALease(Lane missing) {
    var incomplete = new HashMap<>(Timing.DEFAULT.leases());
    incomplete.remove(missing);

    assertThatThrownBy(() -> timing(Duration.ofSeconds(3), incomplete))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(missing.toString());
  }

  @Test
  void aLeaseMustLast() {
    var leases = new HashMap<>(Timing.DEFAULT.leases());
    leases.put(Lane.EXPRESS, Duration.ZERO);

    assertThatThrownBy(() -> timing(Duration.ofSeconds(3), leases))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S"})
  void aStartNeedsTime(Duration startPatience) {
    assertThatThrownBy(() -> timing(startPatience, Timing.DEFAULT.leases()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("startPatience")
        .hasMessageContaining(startPatience.toString());
  }

  @Test
  void aWorkerGivesUpItsNextAttemptBeforeTheTopologyDispatchesAgain() {
    Duration heardOf = Timing.DEFAULT.startPatience().plus(Rules.DEFAULT.startGrace());
    assertThat(heardOf).isLessThanOrEqualTo(Rules.DEFAULT.retryGrace());
  }

  private static Timing timing(Duration startPatience, Map<Lane, Duration> leases) {
    return new Timing(Duration.ZERO, Duration.ofMinutes(1), startPatience, leases);
  }
}
