package io.penstock.policies.exactcache;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.policies.Reason;
import io.penstock.policies.Requests;
import io.penstock.schemas.Answers;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

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

  @ParameterizedTest
  @CsvSource({
    "PT30M, PT30M, true",
    "PT30M, PT30M0.001S, false",
    "PT2H, PT1H, true",
    "PT2H, PT1H0.001S, false",
    "PT0S, PT0S, true",
    "PT0S, PT0.001S, false"
  })
  void anAnswerIsNoOlderThanTheRequestAllowsNorThanItsTimeToLive(
      Duration maxAge, Duration age, boolean served) {
    var request = aRequest().caching(control(maxAge.toMillis(), false, false, false)).build();

    assertThat(HOURLY.serves(storedAt(NOON.minus(age)), request, NOON)).isEqualTo(served);
  }

  @Test
  void theAgeARequestAllowsIsThatOfItsAcceptanceHoweverLateItIsLookedAt() {
    var request =
        aRequest()
            .acceptedAt(NOON.minusSeconds(60))
            .caching(control(1_000L, false, false, false))
            .build();

    assertThat(HOURLY.serves(storedAt(NOON.minusSeconds(61)), request, NOON)).isTrue();
    assertThat(HOURLY.serves(storedAt(NOON.minusSeconds(62)), request, NOON)).isFalse();
  }

  @Test
  void theLongestAgeThereIsIsNoOverflow() {
    var request = aRequest().caching(control(Long.MAX_VALUE, false, false, false)).build();

    assertThat(HOURLY.serves(storedAt(NOON), request, NOON)).isTrue();
  }

  @Test
  void whoAsksForNoCachedAnswerGetsNoneThoughItIsFresh() {
    var request = aRequest().caching(control(null, true, false, false)).build();

    assertThat(HOURLY.serves(storedAt(NOON), request, NOON)).isFalse();
    assertThat(HOURLY.storable(request, Answers.text("yes", "stop"))).isTrue();
  }

  @Test
  void anAnswerIsNotKeptWhenItsLeaderForbidsItAndServesItAllTheSame() {
    var request = aRequest().caching(control(null, false, true, false)).build();

    assertThat(HOURLY.storable(request, Answers.text("yes", "stop"))).isFalse();
    assertThat(HOURLY.serves(storedAt(NOON), request, NOON)).isTrue();
  }

  @Test
  void whoAsksForCachedAnswersOnlyIsCalledForByNobody() {
    assertThat(Freshness.notCached(aRequest().build())).isEmpty();
    assertThat(Freshness.notCached(aRequest().caching(control(null, true, true, false)).build()))
        .isEmpty();
    var only = aRequest().caching(control(null, false, false, true)).build();
    assertThat(Freshness.notCached(only))
        .hasValueSatisfying(
            failure -> assertThat(failure.getCode()).isEqualTo(Reason.NOT_CACHED.code()));
    assertThat(HOURLY.serves(storedAt(NOON), only, NOON)).isTrue();
  }

  static Stream<Arguments> answers() {
    ToolCall call = new ToolCall("c1", "weather", "{\"city\":\"Oslo\"}", null);
    return Stream.of(
        Arguments.of("a tool call", anAnswer("tool_calls", call), true),
        Arguments.of("a tool call beside text", anAnswer("tool_calls", text("hm"), call), true),
        Arguments.of("a tool call, and stop", anAnswer("stop", call), true),
        Arguments.of("no tool call", anAnswer("tool_calls", text("hm")), false),
        Arguments.of(
            "a call without arguments",
            anAnswer("tool_calls", new ToolCall("c1", "now", "", null)),
            true),
        Arguments.of(
            "one broken call of two",
            anAnswer("tool_calls", call, new ToolCall("c2", "weather", "{\"city\":", null)),
            false),
        Arguments.of(
            "a call of nothing", anAnswer("tool_calls", new ToolCall("c1", "", "{}", null)), false),
        Arguments.of("reasoning alone", anAnswer("stop", new Reasoning("hm", null, null)), false),
        Arguments.of(
            "what only its API knows", anAnswer("stop", new RawPart("x", "{}", null)), true),
        Arguments.of("a refusal", refusing(anAnswer("stop", text("No."))), false),
        Arguments.of("a cut answer", anAnswer("length", text("Once upon")), false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void onlyAnAnswerWhosePartsAreCompleteIsKept(String what, Answer answer, boolean kept) {
    assertThat(HOURLY.storable(aRequest().build(), answer)).isEqualTo(kept);
  }

  @Test
  void ofSeveralAnswersEachMustBeCompleteAndNoneMissing() {
    var two = aRequest().with(Options.newBuilder().setChoices(2).build()).build();
    Answer complete = Answers.text("yes", "stop");

    assertThat(HOURLY.storable(two, with(complete, Answers.text("no", "stop")))).isTrue();
    assertThat(HOURLY.storable(two, with(complete, Answers.text("n", "length")))).isFalse();
    assertThat(HOURLY.storable(two, complete)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "json_object | {\"a\":1} | true",
        "json_object | {\"a\": | false",
        "json_object | Here it is: {} | false",
        "json_object | {} {} | false",
        "json_schema | {\"a\":1} | true",
        "json_schema | {\"a\": | false",
        "text | {\"a\": | true"
      })
  void anAnswerThatShouldBeJsonIsKeptIfItIs(String type, String text, boolean kept) {
    var request =
        aRequest()
            .with(
                Options.newBuilder()
                    .setResponseFormat(new ResponseFormat(type, null, "{}", null, null))
                    .build())
            .build();

    assertThat(HOURLY.storable(request, Answers.text(text, "stop"))).isEqualTo(kept);
    assertThat(HOURLY.storable(Requests.addressOf(request), Answers.text(text, "stop")))
        .as("of a settled request's address")
        .isEqualTo(kept);
    assertThat(
            HOURLY.storable(
                request, anAnswer("tool_calls", new ToolCall("c1", "weather", "{}", null))))
        .as("a tool call instead")
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      value = {"[{\"embedding\":[0.1]}] | true", "[{ | false", "null | false"})
  void embeddingsAreKept(@Nullable String payload, boolean kept) {
    var answer = Answer.newBuilder(Answers.text("", "stop")).setPayload(payload).build();

    assertThat(HOURLY.storable(aRequest().embedding("\"a\"").build(), answer)).isEqualTo(kept);
  }

  private static Answer anAnswer(String finishReason, Object... parts) {
    String text =
        Stream.of(parts)
            .map(part -> part instanceof TextPart words ? words.getText() : "")
            .collect(Collectors.joining());
    return Answer.newBuilder(Answers.text(text, finishReason)).setParts(List.of(parts)).build();
  }

  private static TextPart text(String text) {
    return new TextPart(text, null);
  }

  private static Answer refusing(Answer answer) {
    return Answer.newBuilder(answer).setRefusal("I would rather not.").build();
  }

  private static Answer with(Answer first, Answer other) {
    return Answer.newBuilder(first).setOthers(List.of(other)).build();
  }

  private static CacheControl control(
      @Nullable Long maxAgeMs, boolean noCache, boolean noStore, boolean onlyIfCached) {
    return new CacheControl(maxAgeMs, noCache, noStore, onlyIfCached);
  }

  private static CachedAnswer storedAt(Instant at) {
    return new CachedAnswer(Answers.text("yes", "stop"), "openai", "gpt-5-mini", null, at, null);
  }
}
