package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.calling.Announcing.News;
import io.penstock.policies.calling.Announcing.Step;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnnouncingTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  @ParameterizedTest(name = "{0}, said {1} ms ago, used {2} ms ago: {3}")
  @CsvSource(
      nullValues = "never",
      value = {
        "NONE,    never,  0,      SAY",
        "BREAKER, 0,      0,      SAY",
        "BREAKER, 0,      900000, SAY",
        "SMALL,   999,    0,      KEEP_QUIET",
        "SMALL,   1000,   0,      SAY",
        "NONE,    29999,  0,      KEEP_QUIET",
        "NONE,    30000,  0,      SAY",
        // In use is what was used of late, though not this minute.
        "NONE,    30000,  599999, SAY",
        "NONE,    30000,  600000, FORGET",
        "SMALL,   1000,   600000, FORGET",
      })
  void whatIsNewIsSaidSoonAndWhatIsNotSeldom(
      News news, @Nullable Long saidAgo, long usedAgo, Step step) {
    assertThat(
            Announcing.DEFAULT.step(
                news,
                saidAgo == null ? null : NOW.minusMillis(saidAgo),
                NOW.minusMillis(usedAgo),
                NOW))
        .isEqualTo(step);
  }

  @Test
  void whatTheWorkerDoesNotConfirmIsStale() {
    assertThat(Announcing.DEFAULT.stale(NOW.minusSeconds(119), NOW)).isFalse();
    assertThat(Announcing.DEFAULT.stale(NOW.minusSeconds(120), NOW)).isTrue();
  }
}
