package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokensTest {

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 0, 0, 0, 0",
    "0, -1, 0, 0, 0, 0",
    "0, 0, -1, 0, 0, 0",
    "0, 0, 0, -1, 0, 0",
    "0, 0, 0, 0, -1, 0",
    "0, 0, 0, 0, 5, -1",
    "0, 0, 0, 0, 5, 6",
  })
  void countsThatCannotBeAreRefused(
      long uncached, long read, long write, long writeLong, long output, long reasoning) {
    assertThatThrownBy(() ->
            new Tokens(uncached, read, write, writeLong, output, reasoning, Tokens.Special.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void reasoningMayBeAllOfTheOutput() {
    assertThat(new Tokens(0, 0, 0, 0, 5, 5, Tokens.Special.NONE).output()).isEqualTo(5);
  }

  @Test
  void theWholeInputIsEveryPartOnceAndNoOutput() {
    assertThat(new Tokens(1, 20, 300, 4000, 50_000, 40_000, Tokens.Special.NONE).totalInput())
        .isEqualTo(4321);
    assertThat(Tokens.plain(7, 9).totalInput()).isEqualTo(7);
  }

  @Test
  void everyPartSurvivesTheWayThroughTheRecord() {
    var random = new Random(20_261_124);
    for (int i = 0; i < 200; i++) {
      long output = random.nextInt(1000);
      var tokens =
          new Tokens(
              random.nextInt(1000),
              random.nextInt(1000),
              random.nextInt(1000),
              random.nextInt(1000),
              output,
              random.nextLong(output + 1),
              Tokens.Special.NONE);
      assertThat(Tokens.of(tokens.toUsage())).isEqualTo(tokens);
    }
  }
}
