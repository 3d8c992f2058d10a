package io.penstock.policies.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PriceTest {
  /** In the order of a rate card: input, cache read, cache write, long cache write, output. */
  static Stream<Arguments> vectors() {
    return Stream.of(
        vector(
            "gpt-5.6-luna, July",
            rates("1", ".1", "1.25", null, "6"),
            tokens(86, 1920, 0, 0, 300),
            "0.002078"),
        vector(
            "gpt-5-mini",
            rates(".25", ".025", null, null, "2"),
            tokens(1000, 1000, 0, 0, 500),
            "0.001275"),
        vector(
            "gpt-5-mini, flex",
            rates(".125", ".0125", null, null, "1"),
            tokens(1000, 1000, 0, 0, 500),
            "0.0006375"),
        vector(
            "Anthropic, litellm #9812",
            rates("3", ".3", "3.75", "6", "15"),
            tokens(3, 0, 12304, 0, 550),
            "0.054399"),
        vector(
            "Gemini flash",
            rates(".5", ".05", null, null, "3"),
            tokens(3914, 16298, 0, 0, 931),
            "0.0055649"),
        vector(
            "Sonnet 5.5, mixed lifetimes",
            rates("2", ".10", "2.5", "4", "10"),
            tokens(200, 10000, 2000, 4000, 500),
            "0.0274"),
        vector(
            "DeepSeek flash, off-peak",
            rates(".15", ".003", null, null, ".6"),
            tokens(1000, 9000, 0, 0, 500),
            "0.000477"),
        vector(
            "DeepSeek flash, peak",
            rates(".3", ".006", null, null, "1.2"),
            tokens(1000, 9000, 0, 0, 500),
            "0.000954"),
        vector("nothing", rates("3", ".3", "3.75", "6", "15"), tokens(0, 0, 0, 0, 0), "0"));
  }

  private static Arguments vector(String what, Rates rates, Tokens tokens, String usd) {
    return Arguments.of(what, rates, tokens, usd);
  }

  /** docs/measurements.md, Providers §5.5. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("vectors")
  void aKnownBillIsMetToThePicoDollar(String what, Rates rates, Tokens tokens, String usd) {
    assertThat(price(rates).of(tokens)).isEqualTo(Money.parse(usd));
  }

  private static final Price GPT_5_5 =
      price(
          rates("5", ".5", null, null, "30"),
          new Price.Tier(272_000, rates("10", "1", null, null, "45")));

  @ParameterizedTest
  @CsvSource({
    "300000, 0, 0, 0, 1000, 3.045",
    // At the threshold, and one token beyond: every token at the dearer rates.
    "272000, 0, 0, 0, 1000, 1.39",
    "272001, 0, 0, 0, 1000, 2.76501",
    // Whatever was read counts, at whatever rate.
    "1, 272000, 0, 0, 0, 0.27201",
    "1, 0, 272000, 0, 0, 2.72001",
    "1, 0, 0, 272000, 0, 2.72001",
    // The answer does not.
    "1000, 0, 0, 0, 300000, 9.005"
  })
  void aTierIsAllOrNothing(
      long input, long read, long write, long writeLong, long output, String usd) {
    assertThat(GPT_5_5.of(tokens(input, read, write, writeLong, output)))
        .isEqualTo(Money.parse(usd));
  }

  @ParameterizedTest
  @CsvSource({"100, 0.0001", "101, 0.000202", "200, 0.0004", "201, 0.000603"})
  void theHighestTierPassedIsTheOneThatCounts(long input, String usd) {
    var tiers =
        List.of(
            new Price.Tier(200, rates("3", null, null, null, "0")),
            new Price.Tier(100, rates("2", null, null, null, "0")));
    var price = price(rates("1", null, null, null, "0"), tiers);

    assertThat(price.of(tokens(input, 0, 0, 0, 0))).isEqualTo(Money.parse(usd));
  }

  @Test
  void aTierThatSaysNothingOfTheCacheLeavesTheBaseRates() {
    var price =
        price(
            rates("1", "0.1", "1.25", "2", "6"),
            new Price.Tier(100, rates("2", null, null, null, "9")));

    assertThat(price.of(tokens(0, 1_000_000, 0, 0, 0))).isEqualTo(Money.parse("0.1"));
    assertThat(price.of(tokens(0, 0, 1_000_000, 0, 0))).isEqualTo(Money.parse("1.25"));
    assertThat(price.of(tokens(0, 0, 0, 1_000_000, 0))).isEqualTo(Money.parse("2"));
  }

  @ParameterizedTest
  @CsvSource({
    ", , , 1, 1, 1",
    "0.1, , , 0.1, 1, 1",
    ", 1.25, , 1, 1.25, 1.25",
    ", , 2, 1, 1, 2",
    "0.1, 1.25, 2, 0.1, 1.25, 2",
    "0, 0, 0, 0, 0, 0"
  })
  void aMissingCacheRateOverstatesRatherThanUnderstates(
      @Nullable String read,
      @Nullable String write,
      @Nullable String writeLong,
      String forRead,
      String forWrite,
      String forWriteLong) {
    var price = price(rates("1", read, write, writeLong, "6"));

    assertThat(price.of(tokens(0, 1_000_000, 0, 0, 0))).isEqualTo(Money.parse(forRead));
    assertThat(price.of(tokens(0, 0, 1_000_000, 0, 0))).isEqualTo(Money.parse(forWrite));
    assertThat(price.of(tokens(0, 0, 0, 1_000_000, 0))).isEqualTo(Money.parse(forWriteLong));
  }

  @Test
  void reasoningIsPartOfTheOutputAndNotBilledTwice() {
    var price = price(rates("1", null, null, null, "6"));

    assertThat(price.of(new Tokens(0, 0, 0, 0, 500, 400, Tokens.Special.NONE)))
        .isEqualTo(price.of(new Tokens(0, 0, 0, 0, 500, 0, Tokens.Special.NONE)));
  }

  @Test
  void aBillBeyondAllBoundsIsABugAndNotANegativeAmount() {
    var price = price(rates("1", null, null, null, "6"));

    assertThatThrownBy(() -> price.of(tokens(Long.MAX_VALUE, 0, 0, 0, 0)))
        .isInstanceOf(ArithmeticException.class);
    long half = Long.MAX_VALUE / 1_000_000;
    assertThatThrownBy(() -> price.of(tokens(half, half, 0, 0, 0)))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void anyBillIsTheExactSumOfItsParts() {
    var random = new Random(20261124);
    for (int i = 0; i < 10_000; i++) {
      long[] rate = random.longs(5, 0, 100_000_000).toArray();
      long[] count = random.longs(5, 0, 2_000_000).toArray();
      var price =
          price(
              new Rates(
                  new Money(rate[0]),
                  new Money(rate[1]),
                  new Money(rate[2]),
                  new Money(rate[3]),
                  new Money(rate[4])));
      var sum = BigDecimal.ZERO;
      for (int part = 0; part < 5; part++) {
        sum = sum.add(BigDecimal.valueOf(rate[part]).multiply(BigDecimal.valueOf(count[part])));
      }

      assertThat(price.of(tokens(count[0], count[1], count[2], count[3], count[4])).pico())
          .isEqualTo(sum.longValueExact());
    }
  }

  private static Price price(Rates base, Price.Tier... tiers) {
    return price(base, List.of(tiers));
  }

  private static Price price(Rates base, List<Price.Tier> tiers) {
    return new Price("p", "m", "v", Instant.EPOCH, null, base, tiers);
  }

  private static Rates rates(
      String input,
      @Nullable String read,
      @Nullable String write,
      @Nullable String writeLong,
      String output) {
    return new Rates(
        perMillion(input),
        read == null ? null : perMillion(read),
        write == null ? null : perMillion(write),
        writeLong == null ? null : perMillion(writeLong),
        perMillion(output));
  }

  private static Money perMillion(String usd) {
    return new Money(new BigDecimal(usd).movePointRight(6).longValueExact());
  }

  private static Tokens tokens(long input, long read, long write, long writeLong, long output) {
    return new Tokens(input, read, write, writeLong, output, 0, Tokens.Special.NONE);
  }
}
