package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MoneyTest {
  private final Random random = new Random(20_261_124);

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.0, 0",
    "1, 1000000000000",
    "0.000000000001, 1",
    "0.001275, 1275000000",
    "2.50, 2500000000000",
    "1e-6, 1000000",
    "-0.25, -250000000000",
    "9223372.036854775807, 9223372036854775807",
  })
  void dollarsAreReadAsWholePicoDollars(String usd, long pico) {
    assertThat(Money.parse(usd)).isEqualTo(new Money(pico));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 0.000000000001",
    "1275000000, 0.001275",
    "2500000000000, 2.5",
    "100000000000000, 100",
    "-250000000000, -0.25",
    "9223372036854775807, 9223372.036854775807",
  })
  void dollarsAreWrittenPlainlyWithoutTrailingZeros(long pico, String usd) {
    assertThat(new Money(pico).toUsd()).isEqualTo(usd);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0000000000001", "9223372.036854775808", "1e30"})
  void whatIsNoWholeNumberOfPicoDollarsOrTooMuchIsRefused(String usd) {
    assertThatThrownBy(() -> Money.parse(usd)).isInstanceOf(ArithmeticException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "$1", "1,5", "NaN"})
  void whatIsNoNumberIsRefused(String usd) {
    assertThatThrownBy(() -> Money.parse(usd)).isInstanceOf(NumberFormatException.class);
  }

  @Test
  void whatIsWrittenIsReadBackTheSame() {
    for (int i = 0; i < 1000; i++) {
      var money = new Money(random.nextLong() >> random.nextInt(Long.SIZE));
      assertThat(Money.parse(money.toUsd())).isEqualTo(money);
    }
  }

  @Test
  void sumsAreExactInAnyOrder() {
    for (int i = 0; i < 1000; i++) {
      var a = new Money(random.nextLong() >> 2);
      var b = new Money(random.nextLong() >> 2);
      assertThat(a.plus(b)).isEqualTo(b.plus(a)).isEqualTo(new Money(a.pico() + b.pico()));
      assertThat(a.plus(Money.ZERO)).isEqualTo(a);
      assertThat(a.plus(b).compareTo(a)).isEqualTo(b.compareTo(Money.ZERO));
    }
  }

  @Test
  void aPricePerTokenTimesTokensIsTheSumOfSoManyPrices() {
    var price = Money.parse("0.00000015");
    var sum = Money.ZERO;
    for (int tokens = 0; tokens <= 1000; tokens++) {
      assertThat(price.times(tokens)).isEqualTo(sum);
      sum = sum.plus(price);
    }
  }

  @Test
  void whatDoesNotFitIsAnErrorAndNeverWrapsAround() {
    var most = new Money(Long.MAX_VALUE);
    assertThatThrownBy(() -> most.plus(new Money(1))).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> most.times(2)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void aTotalOfAnySizeIsWrittenExactly() {
    var total = BigInteger.valueOf(Long.MAX_VALUE).multiply(BigInteger.TEN).add(BigInteger.ONE);
    assertThat(Money.toUsd(total)).isEqualTo("92233720.368547758071");
  }
}
