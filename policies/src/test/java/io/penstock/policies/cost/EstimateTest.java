package io.penstock.policies.cost;

import static io.penstock.policies.AnAttempt.anAttempt;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.Messages;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guesses, for the cases in which nobody told us. */
class EstimateTest {
  @ParameterizedTest
  @CsvSource({"'', 4", "a, 5", "abcd, 5", "abcde, 6", "\u20ac\u20ac, 6"})
  void fourBytesAreAboutOneTokenAndATurnAFewMore(String text, long tokens) {
    assertThat(TokenEstimate.input(List.of(Messages.text("user", text)))).isEqualTo(tokens);
  }

  @Test
  void turnsAddUp() {
    var turns = List.of(Messages.text("system", "abcd"), Messages.text("user", "abcde"));

    assertThat(TokenEstimate.input(turns)).isEqualTo(11);
    assertThat(TokenEstimate.input(List.of())).isZero();
  }

  @Test
  void beforeAnyAnswerAShortOneIsExpected() {
    assertThat(OutputMean.UNKNOWN.tokens()).isEqualTo(256);
  }

  @ParameterizedTest
  @CsvSource({"1, 300, 300", "3, 10, 4", "3, 9, 3", "2, 0, 0"})
  void theMeanIsRoundedUp(long answers, long tokens, long mean) {
    assertThat(new OutputMean(answers, tokens, 0).tokens()).isEqualTo(mean);
  }

  @Test
  void everyAnswerCounts() {
    OutputMean mean = OutputMean.UNKNOWN.with(output(10, 0)).with(output(30, 7));

    assertThat(mean).isEqualTo(new OutputMean(2, 40, 7));
    assertThat(mean.reasons()).isTrue();
    assertThat(OutputMean.UNKNOWN.with(output(10, 0)).reasons()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({", 300", "1000, 300", "300, 300", "50, 50"})
  void anAnswerIsExpectedToBeAsLongAsOthersButNotLongerThanAllowed(
      @Nullable Integer maxTokens, long output) {
    var attempt = anAttempt("a1").estimatedAt(100, maxTokens).build();

    assertThat(TokenEstimate.of(attempt, new OutputMean(1, 300, 0)))
        .isEqualTo(Tokens.plain(100, output));
  }

  private static Usage output(long tokens, long reasoning) {
    return new Usage(0L, 0L, 0L, 0L, tokens, reasoning, 0L, 0L, 0L, 0L);
  }
}
