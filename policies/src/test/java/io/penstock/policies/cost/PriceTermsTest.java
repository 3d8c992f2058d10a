package io.penstock.policies.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything a price row may say beside its usual rates. */
class PriceTermsTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  /** $1 in and $6 out; beyond 100 tokens $2; twice that on Tuesdays from 01 to 04. */
  private static final String ROW =
      """
      {"provider": "p", "model": "m", "effective_from": "2026-01-01T00:00:00Z",
       "usd_per_mtok": {"input": "1", "cache_read": "0.1", "output": "6", "reasoning": "7",
                        "audio_input": "10", "image_input": "3", "audio_output": "20"},
       "usd_per_1000": {"web_search": "10"},
       "tiers": [{"above_input_tokens": 100, "usd_per_mtok": {"input": "2"}}],
       "windows": [{"hours_utc": ["01:00-04:00", "22:30-24:00"], "weekdays": ["tue"],
                    "except": ["2026-12-01"], "usd_per_mtok": {"input": "4"},
                    "tiers": [{"above_input_tokens": 100, "usd_per_mtok": {"input": "8"}}]}],
       "service_tiers": {
         "batch": {"usd_per_mtok": {"input": "0.4", "output": "2"}, "derived": true},
         "priority": {"usd_per_mtok": {"input": "3", "output": "12"},
                      "usd_per_1000": {"web_search": "20"}}},
       "regions": {"eu": "11/10"}}\
      """;

  @ParameterizedTest
  @CsvSource({
    ", 1",
    "default, 1",
    "standard, 1",
    "auto, 1",
    "on_demand, 1",
    "standard_only, 1",
    "Default, 1",
    "batch, 0.4",
    "flex, 0.5",
    "priority, 3",
    "fast, 3",
    "scale, ",
    "ultrafast, ",
  })
  void aTierIsARowOfItsOwnByAnyOfItsNames(@Nullable String tier, @Nullable String perMillion) {
    assertThat(catalogue(ROW).find("p", "m", tier, NOON).map(price -> price.of(input(1)).pico()))
        .isEqualTo(
            perMillion == null
                ? Optional.empty()
                : Optional.of(Money.parse(perMillion).pico() / 1_000_000));
  }

  @ParameterizedTest
  @CsvSource({
    "default, 100, false",
    "batch, 100, true",
    "flex, 100, true",
    "priority, 100, false",
  })
  void whatWasWorkedOutSaysSo(String tier, long input, boolean derived) {
    assertThat(price(ROW, tier).derivedFor(input(input))).isEqualTo(derived);
  }

  @Test
  void aWorkedOutTierOfContextSaysSoOnlyWhereItHolds() {
    Price price = price(ROW.replace("100, \"usd", "100, \"derived\": true, \"usd"), null);

    assertThat(price.derivedFor(input(100))).isFalse();
    assertThat(price.derivedFor(input(101))).isTrue();
  }

  @Test
  void aTierHasItsOwnCacheRatesOrNone() {
    var read = new Tokens(0, 1_000_000, 0, 0, 0, 0, Tokens.Special.NONE);

    assertThat(price(ROW, "batch").of(read)).isEqualTo(Money.parse("0.4"));
  }

  @Test
  void aGuessAtHalfIsRoundedOnceAtTheEnd() {
    Price price = price(ROW.replace("\"input\": \"1\"", "\"input\": \"0.000001\""), "flex");

    assertThat(price.of(input(1)).pico()).isEqualTo(1);
    assertThat(price.of(input(2)).pico()).isEqualTo(1);
    assertThat(price.of(input(3)).pico()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-24T00:59:59.999Z, 1",
    "2026-11-24T01:00:00Z, 4",
    "2026-11-24T03:59:59.999Z, 4",
    "2026-11-24T04:00:00Z, 1",
    "2026-11-24T22:29:59Z, 1",
    "2026-11-24T22:30:00Z, 4",
    "2026-11-24T23:59:59.999Z, 4",
    "2026-11-25T01:00:00Z, 1",
    "2026-12-01T01:00:00Z, 1",
    "2026-12-08T01:00:00Z, 4",
  })
  void inAWindowOtherRatesHold(Instant at, String perMillion) {
    Price price = catalogue(ROW).find("p", "m", at).orElseThrow();

    assertThat(price.of(input(1)).times(1_000_000)).isEqualTo(Money.parse(perMillion));
    assertThat(price.of(input(101)).times(1_000_000))
        .as("a long prompt")
        .isEqualTo(Money.parse(perMillion).times(2 * 101));
    assertThat(price.of(new Tokens(0, 1, 0, 0, 0, 0, Tokens.Special.NONE)).pico())
        .as("what the window does not say")
        .isEqualTo(100_000);
  }

  @Test
  void aThresholdMayItselfBeDear() {
    String row = ROW.replace("100, \"usd", "100, \"inclusive\": true, \"usd");

    assertThat(price(ROW, null).of(input(100)).pico()).isEqualTo(100_000_000);
    assertThat(price(row, null).of(input(99)).pico()).isEqualTo(99_000_000);
    assertThat(price(row, null).of(input(100)).pico()).isEqualTo(200_000_000);
  }

  @Test
  void aTierOfContextSaysOnlyWhatIsDearer() {
    var tokens = new Tokens(1, 100, 0, 0, 10, 0, Tokens.Special.NONE);

    assertThat(price(ROW, null).of(tokens).pico()).isEqualTo(2_000_000 + 10_000_000 + 60_000_000);
  }

  @Test
  void eachKindOfTokenHasItsOwnRate() {
    var tokens = new Tokens(20, 0, 0, 0, 20, 5, new Tokens.Special(3, 4, 6, 2));

    assertThat(price(ROW, null).of(tokens))
        .isEqualTo(
            new Money((13 * 1 + 3 * 10 + 4 * 3 + 9 * 6 + 5 * 7 + 6 * 20) * 1_000_000L)
                .plus(Money.parse("0.02")));
  }

  @Test
  void audioWithoutARateIsAGuessAndAnImageIsInput() {
    String plain =
        ROW.replace(", \"reasoning\": \"7\",", "}, \"source\": \"s\", \"derived\": false,")
            .replaceAll("\"audio_input\".*\\n", "");
    var audio = new Tokens(2, 0, 0, 0, 0, 0, new Tokens.Special(1, 0, 0, 0));
    var image = new Tokens(2, 0, 0, 0, 0, 0, new Tokens.Special(0, 1, 0, 0));

    assertThat(price(plain, null).of(audio).pico()).isEqualTo(2_000_000);
    assertThat(price(plain, null).derivedFor(audio)).isTrue();
    assertThat(price(plain, null).of(image).pico()).isEqualTo(2_000_000);
    assertThat(price(plain, null).derivedFor(image)).isFalse();
    assertThat(price(ROW, null).derivedFor(audio)).isFalse();
  }

  @Test
  void aRegionRaisesTheBillForTokensOnceAndNotTheFees() {
    var file = file(ROW).replace("\"rows\"", "\"regions\": {\"p\": \"eu\"}, \"rows\"");
    var tokens = new Tokens(1, 0, 0, 0, 0, 0, new Tokens.Special(0, 0, 0, 1));
    Price price = parse(file).find("p", "m", NOON).orElseThrow();

    assertThat(price.of(tokens)).isEqualTo(Money.parse("0.0100011"));
    assertThat(price.version()).isEqualTo("v7/p/m@2026-01-01T00:00:00Z&eu");
    assertThat(parse(file).find("p", "m", "flex", NOON).orElseThrow().of(input(1)).pico())
        .as("half and a tenth more, together")
        .isEqualTo(550_000);
  }

  @ParameterizedTest
  @CsvSource({"4, 4", "5, 6", "14, 15", "15, 17", "0, 0"})
  void aMultiplierRoundsHalfUp(long pico, long raised) {
    assertThat(new Multiplier(11, 10).of(new Money(pico)).pico()).isEqualTo(raised);
  }

  @Test
  void aMultiplierOfARowIsPartOfEveryBill() {
    String row = ROW.replace("\"regions\"", "\"multiplier\": \"3/2\", \"regions\"");

    assertThat(price(row, null).of(input(2)).pico()).isEqualTo(3_000_000);
    assertThat(price(row, "batch").of(input(2)).pico()).isEqualTo(1_200_000);
  }

  @Test
  void aFeeIsOfTheTierOrOfTheRow() {
    var search = new Tokens(0, 0, 0, 0, 0, 0, new Tokens.Special(0, 0, 0, 1));

    assertThat(price(ROW, "batch").of(search)).isEqualTo(Money.parse("0.01"));
    assertThat(price(ROW, "priority").of(search)).isEqualTo(Money.parse("0.02"));
    assertThat(price(ROW.replace("\"usd_per_1000\": {\"web_search\": \"10\"},", ""), null))
        .matches(price -> price.lacksFeeFor(search) && !price.lacksFeeFor(input(1)));
  }

  @Test
  void aSnapshotWithAPriceOfItsOwnHasNoneOfItsAliassTiers() {
    String snapshot =
        """
        {"provider": "p", "model": "m-2026-02-03", "effective_from": "2026-01-01T00:00:00Z",
         "usd_per_mtok": {"input": "5", "output": "6"}}\
        """;
    var catalogue = parse(file(ROW + "," + snapshot));

    assertThat(catalogue.find("p", "m-2026-02-03", "priority", NOON)).isEmpty();
    assertThat(catalogue.find("p", "m-2026-02-03", "batch", NOON).orElseThrow().of(input(2)).pico())
        .isEqualTo(5_000_000);
    assertThat(catalogue.find("p", "m-2026-09-09", "priority", NOON)).isPresent();
  }

  static Stream<Arguments> spoiltRows() {
    return Stream.of(
        spoilt("\"01:00-04:00\"", "\"04:00-01:00\"", "windows: \"hours_utc\""),
        spoilt("\"01:00-04:00\"", "\"1-4\"", "windows: \"hours_utc\""),
        spoilt("\"01:00-04:00\"", "\"01:60-04:00\"", "windows: \"hours_utc\""),
        spoilt("\"01:00-04:00\"", "\"01:00-24:01\"", "windows: \"hours_utc\""),
        spoilt("\"hours_utc\": [\"01:00-04:00\", \"22:30-24:00\"],", "", "\"hours_utc\""),
        spoilt("[\"tue\"]", "[\"Tuesday\"]", "windows: \"weekdays\""),
        spoilt("[\"tue\"]", "[]", "windows: \"weekdays\""),
        spoilt("[\"2026-12-01\"]", "[\"Christmas\"]", "windows: \"except\""),
        spoilt("[\"2026-12-01\"]", "[20261201]", "windows: \"except\""),
        spoilt("\"input\": \"4\"", "\"imput\": \"4\"", "windows: usd_per_mtok: \"imput\""),
        spoilt(
            ",\n              \"tiers\": [{\"above_input_tokens\": 100, \"usd_per_mtok\": {\"input\": \"8\"}}]",
            "",
            "windows: \"tiers\""),
        spoilt("\"batch\":", "\"fast\":", "service_tiers: \"fast\""),
        spoilt("\"batch\":", "\"default\":", "service_tiers: \"default\""),
        spoilt("\"output\": \"2\"", "\"cache_read\": \"2\"", "batch: usd_per_mtok: \"output\""),
        spoilt("\"derived\": true", "\"derived\": \"yes\"", "batch: \"derived\""),
        spoilt("\"derived\": true", "\"note\": true", "batch: \"note\""),
        spoilt("\"11/10\"", "\"1.1\"", "regions: \"eu\""),
        spoilt("\"11/10\"", "\"0/10\"", "regions: \"eu\""),
        spoilt("{\"web_search\": \"10\"}", "{\"search\": \"10\"}", "usd_per_1000: \""),
        spoilt("{\"web_search\": \"10\"}", "\"10\"", "\"usd_per_1000\""),
        spoilt(
            "\"web_search\": \"10\"", "\"web_search\": \"-10\"", "usd_per_1000: \"web_search\""));
  }

  private static Arguments spoilt(String part, String instead, String named) {
    return Arguments.of(part, instead, named);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("spoiltRows")
  void aSpoiltRowIsNamedWithItsField(String part, String instead, String named) {
    assertThat(ROW).contains(part);

    assertThatThrownBy(() -> parse(file(ROW.replace(part, instead))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("row 1 (p/m)", named);
  }

  @Test
  void aFieldOfTheFileThatThereIsNotIsRefused() {
    assertThatThrownBy(() -> parse(file(ROW).replace("\"rows\"", "\"region\": {}, \"rows\"")))
        .hasMessageContaining("the file: \"region\"");
  }

  private static Tokens input(long tokens) {
    return Tokens.plain(tokens, 0);
  }

  private static Price price(String row, @Nullable String tier) {
    return catalogue(row).find("p", "m", tier, NOON).orElseThrow();
  }

  private static PriceCatalogue catalogue(String row) {
    return parse(file(row));
  }

  private static String file(String rows) {
    return "{\"version\": \"v7\", \"rows\": [" + rows + "]}";
  }

  private static PriceCatalogue parse(String file) {
    try {
      return PriceCatalogue.parse(new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
