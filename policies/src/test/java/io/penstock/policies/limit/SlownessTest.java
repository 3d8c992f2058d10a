package io.penstock.policies.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When answers that begin late mean that too many calls are under way. */
class SlownessTest {
  private static final Duration AIM = Duration.ofSeconds(1);
  private static final double SLOWER = 2;

  private final Slowness slowness = new Slowness();

  @Test
  void answersThatAreLateBecauseMoreAreUnderWayAreTooMany() {
    assertThat(window(400, 5)).isInstanceOf(Slowness.Verdict.Nothing.class);
    assertThat(window(1_500, 30)).isEqualTo(new Slowness.Verdict.TooMany(30));
  }

  @Test
  void answersWithinTheAimAreNotSlowHoweverMuchSlowerTheyAre() {
    window(100, 5);
    assertThat(window(900, 30)).isInstanceOf(Slowness.Verdict.Nothing.class);
  }

  @Test
  void whatIsAsSlowWhenFewerAreUnderWayIsSlowByItself() {
    window(1_500, 5);
    assertThat(window(1_600, 30)).as("hardly slower").isInstanceOf(Slowness.Verdict.Nothing.class);
    assertThat(window(9_000, 5)).as("no more calls").isInstanceOf(Slowness.Verdict.Nothing.class);
  }

  @Test
  void oneInTwentyMayBeLate() {
    window(400, 5);
    assertThat(window(400, 30, 2)).isInstanceOf(Slowness.Verdict.Nothing.class);
    assertThat(window(400, 30, 3)).isInstanceOf(Slowness.Verdict.TooMany.class);
  }

  @Test
  void theBestBecomesOldSoThatAProviderMayBecomeSlowerForGood() {
    window(400, 5);
    for (int i = 0; i < 60; i++) {
      window(2_000, 5);
    }
    assertThat(window(2_100, 30)).isInstanceOf(Slowness.Verdict.Nothing.class);
  }

  private Slowness.Verdict window(long millis, int underWay) {
    return window(millis, underWay, 0);
  }

  private Slowness.Verdict window(long millis, int underWay, int late) {
    Slowness.Verdict last = new Slowness.Verdict.Nothing();
    for (int i = 0; i < Slowness.WINDOW; i++) {
      assertThat(last).isInstanceOf(Slowness.Verdict.Nothing.class);
      Duration after = i < late ? AIM.multipliedBy(9) : Duration.ofMillis(millis);
      last = slowness.began(new Sent(Lane.EXPRESS, 1, 1, underWay, false), after, AIM, SLOWER);
    }
    return last;
  }
}
