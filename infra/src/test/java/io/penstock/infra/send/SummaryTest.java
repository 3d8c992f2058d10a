package io.penstock.infra.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SummaryTest {
  private static final Duration TOOK = Duration.ofMillis(10);

  @Test
  void whatWasSpentAndAvoidedIsAddedUp() {
    assertThat(table(answered("0.01", "0"), answered("0.02", "0.5")))
        .contains("spent    $0.03")
        .contains("avoided  $0.5");
  }

  @Test
  void aCostThatNobodyKnowsIsNeverShownAsZero() {
    assertThat(table(answered("0.01", "0"), answered(null, "0"), answered(null, "0")))
        .contains("spent    $0.01 + 2 unknown")
        .contains("avoided  $0" + System.lineSeparator());
  }

  @Test
  void providerCallsAreShownOrSaidToBeUnknown() {
    List<Outcome> one = List.of(answered("0", "0"));
    assertThat(new Summary(one, TOOK, OptionalLong.of(7)).table())
        .contains("calls    7 provider calls");
    assertThat(new Summary(one, TOOK, OptionalLong.empty()).table()).contains("calls    unknown");
  }

  @Test
  void itIsASuccessWhenAnythingWasAnsweredOrAccepted() {
    Outcome failed = Outcome.failed("no_connection", "nothing answers", TOOK);
    assertThat(new Summary(List.of(failed), TOOK, OptionalLong.empty()).success()).isFalse();
    assertThat(table(failed)).contains("failed: no_connection", "nothing answers");
    assertThat(new Summary(List.of(failed, answered("0", "0")), TOOK, OptionalLong.empty()))
        .matches(Summary::success);
    assertThat(new Summary(List.of(Outcome.accepted("id", TOOK)), TOOK, OptionalLong.empty()))
        .matches(Summary::success);
  }

  private static Outcome answered(@Nullable String spent, String avoided) {
    return new Outcome(
        Outcome.Kind.ANSWERED,
        "provider",
        "text",
        Optional.ofNullable(spent).map(BigDecimal::new),
        Optional.of(new BigDecimal(avoided)),
        TOOK);
  }

  private static String table(Outcome... outcomes) {
    return new Summary(List.of(outcomes), TOOK, OptionalLong.of(0)).table();
  }
}
