package io.penstock.infra.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class DrawTest {
  private static final Prompt RARE = new Prompt("rare", 1);
  private static final Prompt COMMON = new Prompt("common", 9);

  @Test
  void promptsComeAsOftenAsTheirWeightSays() {
    List<Prompt> drawn = new Draw(List.of(RARE, COMMON)).draw(10_000, 1);
    assertThat(drawn).hasSize(10_000);
    assertThat(drawn.stream().filter(RARE::equals).count()).isBetween(900L, 1_100L);
  }

  @Test
  void theSameSeedDrawsTheSameAndAnotherSomethingElse() {
    var draw = new Draw(List.of(RARE, COMMON));
    assertThat(draw.draw(100, 7)).isEqualTo(draw.draw(100, 7)).isNotEqualTo(draw.draw(100, 8));
  }
}
