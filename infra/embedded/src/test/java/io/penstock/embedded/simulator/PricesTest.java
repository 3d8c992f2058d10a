package io.penstock.embedded.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PricesTest {
  private static final Path SHIPPED =
      Path.of("../../policies/src/main/resources/penstock/prices.json");
  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

  private final Prices prices = Prices.read(TestingSimulator.prices());

  @ParameterizedTest(name = "{0}: {1}+{2}r+{3}w+{4}l in, {5} out cost {6}")
  @CsvSource({
    // Published vectors: OpenAI's 2,000 with 1,000 cached, and the Anthropic write of 12,304.
    "gpt-test, 1000, 1000, 0, 0, 500, 0.001275",
    "claude-test, 3, 0, 12304, 0, 550, 0.054399",
    // At the threshold the base rates hold, above it the tier's, for everything.
    "gpt-long, 272000, 0, 0, 0, 1000, 1.39",
    "gpt-long, 272001, 0, 0, 0, 1000, 2.76501",
    "gpt-long, 1, 272000, 0, 0, 0, 0.27201",
    "gpt-long, 0, 0, 272001, 0, 0, 3.4000125",
    // No price for reads, writes or long writes: they are input; the tier has no output price.
    "bare, 0, 10, 20, 30, 1, 0.0000925",
    "bare, 991, 10, 0, 0, 2, 0.003008",
    "claude-test, 0, 0, 0, 1000, 0, 0.006",
  })
  void aCallCosts(
      String model, long input, long read, long write, long writeLong, long output, String usd) {
    TokenUse use = new TokenUse(input, read, write, writeLong, output, 0);

    assertThat(cost(prices.find(model, NOW).orElseThrow(), use)).isEqualByComparingTo(usd);
  }

  @Test
  void theRowOfTheDayCounts() {
    TokenUse use = new TokenUse(1_000_000, 0, 0, 0, 0, 0);

    assertThat(cost(row("bare", "2026-06-30T23:59:59Z"), use)).isEqualByComparingTo("1");
    assertThat(cost(row("bare", "2026-07-01T00:00:00Z"), use)).isEqualByComparingTo("3");
  }

  @Test
  void beforeTheFirstRowTheFirstRowCounts() {
    assertThat(row("bare", "2020-01-01T00:00:00Z").usual().base().input())
        .isEqualByComparingTo("1");
  }

  @Test
  void aPriceThatIsNoStringIsRefusedWithItsRow() {
    String catalogue =
        """
        {"rows": [{"provider": "p", "model": "m", "effective_from": "2026-01-01T00:00:00Z",
                   "usd_per_mtok": {"input": 0.1, "output": "1"}}]}
        """;

    assertThatThrownBy(() -> Prices.read(stream(catalogue)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"model\":\"m\"")
        .hasRootCauseMessage("input is 0.1: write prices as decimal strings, such as \"0.25\"");
  }

  @Test
  void whatIsNoCatalogueIsRefused() {
    assertThatThrownBy(() -> Prices.read(stream("{"))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Prices.read(stream("{}")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theShippedCatalogueIsReadWithItsTiers() throws IOException {
    Prices shipped;
    try (InputStream json = Files.newInputStream(SHIPPED)) {
      shipped = Prices.read(json);
    }

    assertThat(shipped.all(NOW)).hasSize(79);
    // Twice the input and cache prices and one and a half times the output price above 272,000.
    PricedModel model = shipped.find("gpt-5.4", NOW).orElseThrow();
    assertThat(cost(model, new TokenUse(300_000, 0, 0, 0, 1_000, 0)))
        .isEqualByComparingTo("1.5225");
    assertThat(cost(model, new TokenUse(100_000, 172_000, 0, 0, 1_000, 0)))
        .isEqualByComparingTo("0.308");
  }

  private static final String DETAILED =
      """
      {"rows": [{"provider": "p", "model": "m", "effective_from": "2026-01-01T00:00:00Z",
        "usd_per_mtok": {"input": "2", "cache_read": "0.2", "output": "10", "reasoning": "20"},
        "tiers": [{"above_input_tokens": 100, "inclusive": true, "usd_per_mtok": {"input": "4"}}],
        "windows": [{"hours_utc": ["01:00-04:00", "22:00-24:00"], "weekdays": ["mon", "tue"],
                     "except": ["2026-11-24"], "usd_per_mtok": {"input": "1"},
                     "tiers": [{"above_input_tokens": 100, "usd_per_mtok": {"input": "3"}}]}],
        "service_tiers": {"priority": {"usd_per_mtok": {"input": "5", "output": "25"}}}}]}
      """;

  @ParameterizedTest(name = "{0} at {1}: {2} in, {3} out of which {4} thought cost {5} millionths")
  @CsvSource({
    "default, 2026-11-25T02:00:00Z, 10, 5, 0, 70",
    // What is thought has its own price.
    "default, 2026-11-25T02:00:00Z, 10, 5, 3, 100",
    // This threshold is dear itself.
    "default, 2026-11-25T02:00:00Z, 99, 0, 0, 198",
    "default, 2026-11-25T02:00:00Z, 100, 0, 0, 400",
    // A Monday, from the first minute on and not in the last; its own threshold is not dear.
    "default, 2026-11-23T00:59:59Z, 10, 0, 0, 20",
    "default, 2026-11-23T01:00:00Z, 10, 0, 0, 10",
    "default, 2026-11-23T03:59:59Z, 10, 1, 0, 20",
    "default, 2026-11-23T04:00:00Z, 10, 0, 0, 20",
    "default, 2026-11-23T23:59:59Z, 10, 0, 0, 10",
    "default, 2026-11-23T02:00:00Z, 100, 0, 0, 100",
    "default, 2026-11-23T02:00:00Z, 101, 0, 0, 303",
    // A Tuesday that is excepted.
    "default, 2026-11-24T02:00:00Z, 10, 0, 0, 20",
    // A service tier is a price list of its own; flex or batch without one is half, others are the
    // usual.
    "priority, 2026-11-23T02:00:00Z, 200, 2, 0, 1050",
    "flex, 2026-11-25T02:00:00Z, 10, 5, 0, 35",
    "batch, 2026-11-25T02:00:00Z, 10, 5, 0, 35",
    "scale, 2026-11-25T02:00:00Z, 10, 5, 0, 70",
  })
  void aCallCostsByTierAndTime(
      String tier, Instant at, long input, long output, long thought, String millionths) {
    PricedModel model = Prices.read(stream(DETAILED)).find("m", NOW).orElseThrow();
    TokenUse use = new TokenUse(input, 0, 0, 0, output, thought);

    assertThat(model.cost(use, tier, at).movePointRight(6)).isEqualByComparingTo(millionths);
  }

  @Test
  void aBillIsRoundedToTwelveDigits() {
    String odd = DETAILED.replace("\"2\"", "\"0.000001\"");
    PricedModel model = Prices.read(stream(odd)).find("m", NOW).orElseThrow();

    assertThat(model.cost(new TokenUse(1, 0, 0, 0, 0, 0), "flex", NOW))
        .isEqualByComparingTo("0.000000000001");
  }

  private static BigDecimal cost(PricedModel model, TokenUse use) {
    return model.cost(use, "default", NOW);
  }

  private PricedModel row(String model, String moment) {
    return prices.find(model, Instant.parse(moment)).orElseThrow();
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
