package io.penstock.policies.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceCatalogueTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final String ROW =
      """
      {"provider": "openai", "model": "gpt-5-mini", "effective_from": "2026-01-01T00:00:00Z",
       "effective_to": null, "usd_per_mtok": {"input": "0.25", "cache_read": "0.025",
       "cache_write": null, "output": "2"}, "tiers": [{"above_input_tokens": 272000,
       "usd_per_mtok": {"input": "0.5", "output": "3"}}]}\
      """;

  @Test
  void aRowIsReadExactly() {
    Price price = one(ROW);

    assertThat(price)
        .isEqualTo(
            new Price(
                "openai",
                "gpt-5-mini",
                "v7/openai/gpt-5-mini@2026-01-01T00:00:00Z",
                Instant.parse("2026-01-01T00:00:00Z"),
                null,
                new Rates(new Money(250_000), new Money(25_000), null, null, new Money(2_000_000)),
                List.of(
                    new Price.Tier(
                        272_000,
                        new Rates(new Money(500_000), null, null, null, new Money(3_000_000))))));
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4o, 1",
    "gpt-4o-2024-08-06, 2",
    "gpt-4o-2024-11-20, 1",
    "gpt-4o-20241120, 1",
    "claude-haiku-4-5-20251001, "
  })
  void aDatedSnapshotHasItsOwnPriceOrThatOfItsAlias(String model, String input) {
    var catalogue = catalogue(row("gpt-4o", "1"), row("gpt-4o-2024-08-06", "2"));

    assertThat(catalogue.find("openai", model, NOON).map(price -> price.base().input()))
        .isEqualTo(
            Optional.ofNullable(input).map(usd -> new Money(Long.parseLong(usd) * 1_000_000)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt-4o-mini",
        "gpt-4o-0613",
        "gpt-4o-2411",
        "gpt-4o-2024-08",
        "gpt-4o-202411201",
        "gpt-4o20241120",
        "gpt-4o-20241120-preview",
        "GPT-4o",
        "gpt-4"
      })
  void aModelThatOnlyLooksAlikeIsUnknown(String model) {
    assertThat(catalogue(row("gpt-4o", "1")).find("openai", model, NOON)).isEmpty();
  }

  @Test
  void anotherProvidersPriceIsNoPrice() {
    assertThat(catalogue(row("gpt-4o", "1")).find("azure", "gpt-4o", NOON)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "2025-12-31T23:59:59.999Z, ",
    "2026-01-01T00:00:00Z, 1",
    "2026-05-31T23:59:59.999Z, 1",
    "2026-06-01T00:00:00Z, 2",
    "2026-11-24T12:00:00Z, 2"
  })
  void aPriceStandsFromItsDateUntilTheNext(Instant at, Long input) {
    var catalogue =
        catalogue(
            row("gpt-4o", "1", "2026-01-01T00:00:00Z", "\"2026-06-01T00:00:00Z\""),
            row("gpt-4o", "2", "2026-06-01T00:00:00Z", "null"));

    assertThat(catalogue.find("openai", "gpt-4o", at).map(price -> price.base().input()))
        .isEqualTo(Optional.ofNullable(input).map(usd -> new Money(usd * 1_000_000)));
  }

  @Test
  void ofTwoPricesThatStandTheLaterOneCountsInWhateverOrder() {
    String january = row("gpt-4o", "1", "2026-01-01T00:00:00Z", "null");
    String june = row("gpt-4o", "2", "2026-06-01T00:00:00Z", "null");

    assertThat(List.of(catalogue(january, june), catalogue(june, january)))
        .extracting(c -> c.find("openai", "gpt-4o", NOON).orElseThrow().base().input())
        .containsOnly(new Money(2_000_000));
  }

  @Test
  void aTierMayBeginAtTheSecondToken() {
    assertThat(one(ROW.replace("272000", "1")).tiers().getFirst().aboveInputTokens()).isEqualTo(1);
  }

  @Test
  void theCatalogueKnowsWhoSellsWhat() {
    assertThat(catalogue(row("gpt-4o", "1"), row("gpt-5", "1")).providerByModel())
        .isEqualTo(Map.of("gpt-4o", "openai", "gpt-5", "openai"));
  }

  @Test
  void aFreeModelIsKnownToBeFree() {
    Price price = one(row("llama", "0").replace("\"output\": \"6\"", "\"output\": \"0\""));

    assertThat(price.of(Tokens.plain(1_000_000, 1_000_000))).isEqualTo(Money.ZERO);
  }

  @Test
  void theFinestPriceIsKeptExactly() {
    assertThat(one(row("m", "0.000001")).base().input()).isEqualTo(new Money(1));
  }

  static Stream<Arguments> spoiltRows() {
    return Stream.of(
        spoilt("\"provider\": \"openai\", ", "", "row 2", "provider"),
        spoilt("\"provider\": \"openai\"", "\"provider\": 7", "row 2", "provider"),
        spoilt("\"model\": \"gpt-5-mini\", ", "", "row 2", "model"),
        spoilt("\"effective_from\": \"2026-01-01T00:00:00Z\",", "", "effective_from"),
        spoilt("2026-01-01T00:00:00Z", "last year", "effective_from", "last year"),
        spoilt("\"effective_to\": null", "\"effective_to\": \"soon\"", "effective_to", "soon"),
        spoilt("\"effective_to\": null", "\"effective_to\": 2027", "effective_to", "2027"),
        spoilt("\"input\": \"0.25\", ", "", "usd_per_mtok: \"input\"", "missing"),
        spoilt("\"output\": \"2\"", "\"output\": null", "usd_per_mtok: \"output\"", "null"),
        spoilt("\"0.25\"", "\"cheap\"", "usd_per_mtok: \"input\"", "cheap"),
        spoilt("\"0.25\"", "\"\"", "usd_per_mtok: \"input\""),
        spoilt("\"0.25\"", "\"0.0000001\"", "usd_per_mtok: \"input\"", "0.0000001"),
        spoilt("\"0.25\"", "\"1e40\"", "usd_per_mtok: \"input\"", "1e40"),
        spoilt("\"0.25\"", "\"-1\"", "usd_per_mtok: \"input\"", "-1"),
        spoilt("\"0.25\"", "0.25", "usd_per_mtok: \"input\"", "0.25"),
        spoilt("\"0.025\"", "{}", "usd_per_mtok: \"cache_read\""),
        spoilt("\"above_input_tokens\": 272000,", "", "above_input_tokens"),
        spoilt("272000", "\"272k\"", "above_input_tokens", "272k"),
        spoilt("272000", "-1", "above_input_tokens", "-1"),
        spoilt("272000", "0.5", "above_input_tokens", "0.5"),
        spoilt("\"input\": \"0.5\"", "\"in\": \"0.5\"", "tiers: usd_per_mtok: \"in\""),
        spoilt("\"cache_read\"", "\"cached\"", "usd_per_mtok: \"cached\"", "no such"),
        spoilt("\"tiers\"", "\"tier\"", "\"tier\"", "no such"));
  }

  private static Arguments spoilt(String part, String instead, String... named) {
    return Arguments.of(part, instead, named);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("spoiltRows")
  void aSpoiltRowIsNamedWithItsField(String part, String instead, String[] named) {
    assertThat(ROW).contains(part);
    String spoilt = ROW.replace(part, instead);

    assertThatThrownBy(() -> parse(file(row("gpt-4o", "1"), spoilt)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("row 2")
        .hasMessageContainingAll(named);
  }

  static Stream<Arguments> spoiltFiles() {
    return Stream.of(
        Arguments.of("{\"rows\": []}", "version"),
        Arguments.of("{\"version\": 7, \"rows\": []}", "version"),
        Arguments.of("{\"version\": \"v7\"}", "rows"),
        Arguments.of("{\"version\": \"v7\", \"rows\": {}}", "rows"),
        Arguments.of("[]", "version"),
        Arguments.of("", "version"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("spoiltFiles")
  void aFileThatIsNoCatalogueSaysWhy(String file, String named) {
    assertThatThrownBy(() -> parse(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }

  @Test
  void whatIsNotJsonIsNotRead() {
    assertThatThrownBy(() -> parse("{\"version\": ")).isInstanceOf(IOException.class);
  }

  @Test
  void aPriceThatEndsBeforeItBeginsIsRefused() {
    String from = "2026-06-01T00:00:00Z";

    assertThatThrownBy(() -> parse(file(row("gpt-4o", "1", from, "\"" + from + "\""))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("openai/gpt-4o", "effective_to");
  }

  @Test
  void twoPricesFromOneInstantContradictEachOther() {
    assertThatThrownBy(() -> parse(file(row("gpt-4o", "1"), row("gpt-4o", "2"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("openai/gpt-4o");
  }

  private static Price one(String row) {
    var catalogue = catalogue(row);
    var sold = catalogue.providerByModel().entrySet().iterator().next();
    return catalogue.find(sold.getValue(), sold.getKey(), NOON).orElseThrow();
  }

  private static PriceCatalogue catalogue(String... rows) {
    try {
      return parse(file(rows));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static PriceCatalogue parse(String file) throws IOException {
    return PriceCatalogue.parse(new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)));
  }

  private static String file(String... rows) {
    return "{\"version\": \"v7\", \"rows\": [" + String.join(",", rows) + "]}";
  }

  private static String row(String model, String input) {
    return row(model, input, "2026-01-01T00:00:00Z", "null");
  }

  private static String row(String model, String input, String from, String to) {
    return """
    {"provider": "openai", "model": "%s", "effective_from": "%s", "effective_to": %s,
     "usd_per_mtok": {"input": "%s", "output": "6"}}\
    """
        .formatted(model, from, to, input);
  }
}
