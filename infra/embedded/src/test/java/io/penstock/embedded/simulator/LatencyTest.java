package io.penstock.embedded.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyTest {
  private final Latency latency =
      new Latency(Duration.ofMillis(100), Duration.ofMillis(2), 8, Duration.ofMillis(5));

  @ParameterizedTest
  @CsvSource({
    "0, 1, 100",
    "1, 1, 100",
    "2, 1, 102",
    "11, 1, 120",
    "1, 8, 100",
    "1, 9, 105",
    "11, 18, 170",
  })
  void aTokenIsReadyAfter(long token, int inFlight, long millis) {
    assertThat(latency.until(token, inFlight)).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void aSlowerPaceIsSlowerThroughoutButNeverTooLong() {
    assertThat(latency.slower(3).until(11, 18)).isEqualTo(Duration.ofMillis(3 * 170));
    assertThat(latency.slower(1_000_000).toFirstToken()).isEqualTo(Latency.LONGEST);
  }

  @Test
  void negativeAndEndlessWaitsAreRefused() {
    Duration zero = Duration.ZERO;
    assertThatThrownBy(() -> new Latency(Duration.ofMillis(-1), zero, 0, zero))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("toFirstToken");
    assertThatThrownBy(() -> new Latency(zero, Latency.LONGEST.plusMillis(1), 0, zero))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("perOutputToken");
    assertThatThrownBy(() -> new Latency(zero, zero, -1, zero))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("freeCalls");
  }
}
