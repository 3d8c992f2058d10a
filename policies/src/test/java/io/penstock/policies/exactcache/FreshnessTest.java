package io.penstock.policies.exactcache;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.Answers;
import io.penstock.schemas.avro.CachedAnswer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreshnessTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Freshness HOURLY = new Freshness(Duration.ofHours(1));

  @ParameterizedTest
  @CsvSource({
    "PT0S, true",
    "PT59M59.999S, true",
    "PT1H, true",
    "PT1H0.001S, false",
    "P30D, false",
    "PT-5S, true"
  })
  void anAnswerIsServedUntilItIsOlderThanItsTimeToLive(Duration age, boolean fresh) {
    CachedAnswer stored = storedAt(NOON.minus(age));

    assertThat(HOURLY.serves(stored, aRequest().build(), NOON)).isEqualTo(fresh);
  }

  @ParameterizedTest
  @CsvSource({
    // accepted before now, looked at this long after the answer was stored
    "PT0S, PT1H, true",
    "PT0S, PT1H1S, false",
    "PT1S, PT1H1S, true",
    "PT1S, PT1H2S, false",
    "PT30M, PT1H20M, true",
    // a sender's clock that is ahead makes nothing stale
    "PT-1H, PT1H, true"
  })
  void anAnswerThatWasFreshWhenARequestWasAcceptedServesItHoweverLateItIsLookedAt(
      Duration acceptedBefore, Duration age, boolean fresh) {
    var request = aRequest().acceptedAt(NOON.minus(acceptedBefore)).build();

    assertThat(HOURLY.serves(storedAt(NOON.minus(age)), request, NOON)).isEqualTo(fresh);
  }

  @ParameterizedTest
  @CsvSource({"PT1H, false", "PT1H0.001S, false", "PT2H, false", "PT2H0.001S, true"})
  void anAnswerIsKeptForAnHourMoreForThoseWhoWereAcceptedWhileItWasFresh(
      Duration age, boolean forgettable) {
    assertThat(HOURLY.forgettable(storedAt(NOON.minus(age)), NOON)).isEqualTo(forgettable);
  }

  @Test
  void aRequestIsJudgedAsOfItsAcceptanceAndNeverAsOfTheFuture() {
    assertThat(Freshness.askedAt(aRequest().build(), NOON)).isEqualTo(NOON);
    assertThat(Freshness.askedAt(aRequest().acceptedAt(NOON.minusSeconds(9)).build(), NOON))
        .isEqualTo(NOON.minusSeconds(9));
    assertThat(Freshness.askedAt(aRequest().acceptedAt(NOON.plusSeconds(9)).build(), NOON))
        .isEqualTo(NOON);
  }

  @Test
  void whatIsNotStoredServesNobody() {
    assertThat(HOURLY.serves(null, aRequest().build(), NOON)).isFalse();
  }

  @Test
  void aRequestForAnAnswerOfItsOwnIsNotServedFromTheCache() {
    assertThat(HOURLY.serves(storedAt(NOON), aRequest().usingCache(false).build(), NOON)).isFalse();
  }

  @Test
  void withoutATimeToLiveAnAnswerServesItsOwnInstantOnly() {
    var never = new Freshness(Duration.ZERO);

    assertThat(never.serves(storedAt(NOON), aRequest().build(), NOON)).isTrue();
    assertThat(never.serves(storedAt(NOON), aRequest().build(), NOON.plusMillis(1))).isFalse();
  }

  @Test
  void aNegativeTimeToLiveIsRefused() {
    assertThatThrownBy(() -> new Freshness(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "yes, stop, true, true",
    "' ', stop, true, true",
    "'', stop, true, false",
    "yes, length, true, false",
    "yes, content_filter, true, false",
    "yes, tool_calls, true, false",
    "yes, STOP, true, false",
    "yes, '', true, false",
    "yes, stop, false, false"
  })
  void onlyACompleteAnswerThatMayBeSharedIsKept(
      String text, String finishReason, boolean useCache, boolean kept) {
    assertThat(
            HOURLY.storable(
                aRequest().usingCache(useCache).build(), Answers.text(text, finishReason)))
        .isEqualTo(kept);
  }

  private static CachedAnswer storedAt(Instant at) {
    return new CachedAnswer(Answers.text("yes", "stop"), "openai", "gpt-5-mini", null, at, null);
  }
}
