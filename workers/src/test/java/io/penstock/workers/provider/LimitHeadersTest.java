package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.calling.Allowance;
import io.penstock.policies.calling.Quota;
import io.penstock.workers.provider.Traits.RateHeaders;
import java.time.Instant;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitHeadersTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  @ParameterizedTest(name = "reset {0}: {1} ms")
  @CsvSource(
      nullValues = "none",
      value = {
        "1s,                   1000",
        "6m0s,                 360000",
        "120ms,                120",
        "2m59.56s,             179560",
        "1h,                   3600000",
        "60,                   60000",
        "7.66,                 7660",
        "2026-11-24T12:00:07Z, 7000",
        "2026-11-24T11:59:00Z, -60000",
        "2226-11-24T12:00:07Z, none",
        "9999999h,             none",
        "soon,                 none",
        "-1,                   none",
        "' ',                  none",
      })
  void aResetIsReadInEveryForm(String reset, @Nullable Long millis) {
    for (RateHeaders style : new RateHeaders[] {RateHeaders.OPENAI, RateHeaders.ANTHROPIC}) {
      var allowance = LimitHeaders.read(headers(style, "requests", "500", "7", reset), style, NOW);
      assertThat(allowance.requests())
          .isEqualTo(Quota.told(500L, 7L, millis == null ? null : NOW.plusMillis(millis), NOW));
      assertThat(allowance.tokens()).isEqualTo(Quota.UNKNOWN);
    }
  }

  @ParameterizedTest(name = "limit {0}, remaining {1}")
  @CsvSource({"-1, -1", "500, -1", "500, ''", "500, many", "0, 1e9", "500, 99999999999999999999"})
  void whatMakesNoSenseWasNotSaid(String limit, String remaining) {
    var style = RateHeaders.OPENAI;
    assertThat(LimitHeaders.read(headers(style, "requests", limit, remaining, "1s"), style, NOW))
        .isEqualTo(Allowance.UNKNOWN);
  }

  @Test
  void ofSeveralBoundsOnTokensTheTightestCounts() {
    var openAi =
        headers(RateHeaders.OPENAI, "tokens", "90000", "700", "5s")
            .newBuilder()
            .addAll(headers(RateHeaders.OPENAI, "project-tokens", "1000", "300", "2s"))
            .build();
    assertThat(LimitHeaders.read(openAi, RateHeaders.OPENAI, NOW).tokens())
        .isEqualTo(Quota.told(1000L, 300L, NOW.plusSeconds(2), NOW));
  }

  @Test
  void whatACallTakesOfAnOutputLimitIsNotKnownBeforehandAndHoldsNobody() {
    var anthropic =
        headers(RateHeaders.ANTHROPIC, "input-tokens", "90000", "7000", "2026-11-24T12:00:05Z")
            .newBuilder()
            .addAll(
                headers(
                    RateHeaders.ANTHROPIC, "output-tokens", "8000", "0", "2026-11-24T12:00:09Z"))
            .build();
    assertThat(LimitHeaders.read(anthropic, RateHeaders.ANTHROPIC, NOW).tokens())
        .isEqualTo(Quota.told(90000L, 7000L, NOW.plusSeconds(5), NOW));
  }

  @Test
  void whoSendsNoSuchHeadersSaysNothing() {
    assertThat(
            LimitHeaders.read(
                headers(RateHeaders.OPENAI, "requests", "1", "0", "1s"), RateHeaders.NONE, NOW))
        .isEqualTo(Allowance.UNKNOWN);
    assertThat(LimitHeaders.read(Headers.of(), RateHeaders.OPENAI, NOW))
        .isEqualTo(Allowance.UNKNOWN);
  }

  private static Headers headers(
      RateHeaders style, String what, String limit, String remaining, String reset) {
    return style == RateHeaders.OPENAI
        ? Headers.of(
            "x-ratelimit-limit-" + what,
            limit,
            "x-ratelimit-remaining-" + what,
            remaining,
            "x-ratelimit-reset-" + what,
            reset)
        : Headers.of(
            "anthropic-ratelimit-" + what + "-limit",
            limit,
            "anthropic-ratelimit-" + what + "-remaining",
            remaining,
            "anthropic-ratelimit-" + what + "-reset",
            reset);
  }
}
