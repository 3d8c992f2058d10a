package io.penstock.topology.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.prefix.Caching.Known;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrefixesTest {
  private static final Known SOMETHING = new Known(null, null);

  @Test
  void whatWasLeastRecentlyAskedForIsForgottenFirst() {
    var prefixes = new Prefixes(2);
    prefixes.learn(Map.of("a", SOMETHING));
    prefixes.learn(Map.of("b", SOMETHING));
    assertThat(prefixes.get("a")).isNotNull();
    prefixes.learn(Map.of("c", SOMETHING));
    assertThat(prefixes.get("a")).isNotNull();
    assertThat(prefixes.get("b")).isNull();
    assertThat(prefixes.size()).isEqualTo(2);
  }

  @Test
  void endlessPrefixesAreBounded() {
    var prefixes = new Prefixes();
    for (int i = 0; i <= Prefixes.MOST; i++) {
      prefixes.learn(Map.of("p" + i, SOMETHING));
    }
    assertThat(prefixes.size()).isEqualTo(Prefixes.MOST);
    assertThat(prefixes.get("p0")).isNull();
  }
}
