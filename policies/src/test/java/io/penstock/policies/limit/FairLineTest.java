package io.penstock.policies.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.penstock.schemas.avro.Lane;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose turn it is among those who wait for one model. */
class FairLineTest {
  private final FairLine<ACall> line = new FairLine<>(LimitRules.DEFAULT);

  /** A call with a number, so that no two are equal. */
  record ACall(Lane lane, String tenant, long tokens, int number) implements Waiting {}

  private static final List<Lane> LANES = List.of(Lane.values());

  private int made;

  private ACall add(Lane lane, String tenant, long tokens) {
    var call = new ACall(lane, tenant, tokens, ++made);
    line.add(call);
    return call;
  }

  private ACall go() {
    ACall next = Objects.requireNonNull(line.next());
    line.goes(next);
    return next;
  }

  @Test
  void nobodyIsNextWhereNobodyWaits() {
    assertThat(line.next()).isNull();
    add(Lane.BATCH, "a", 5);
    go();
    assertThat(line.next()).isNull();
    assertThat(line.size()).isZero();
  }

  @Test
  void theCallsOfATenantGoInTheOrderTheyCame() {
    List<ACall> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      calls.add(add(Lane.STANDARD, "a", 1 + i * 7 % 4));
    }
    for (ACall each : calls) {
      assertThat(go()).isEqualTo(each);
    }
  }

  @Test
  void lanesShareTheTokensSeventyToTwentyFiveToFive() {
    Map<Lane, Long> got = new EnumMap<>(Lane.class);
    for (int i = 0; i < 4_000; i++) {
      for (Lane lane : Lane.values()) {
        if (line.size(lane) < 3) {
          add(lane, "a", 10 + i % 90);
        }
      }
      ACall next = go();
      got.merge(next.lane(), next.tokens(), Long::sum);
    }
    double all = got.values().stream().mapToLong(Long::longValue).sum();
    for (Lane lane : Lane.values()) {
      assertThat(got.getOrDefault(lane, 0L) / all)
          .as(lane.name())
          .isCloseTo(LimitRules.DEFAULT.weight(lane) / 100.0, within(0.01));
    }
  }

  @Test
  void tenantsShareTheTokensOfALaneNotTheCalls() {
    for (int i = 0; i < 200; i++) {
      add(Lane.STANDARD, "long", 1_000);
      add(Lane.STANDARD, "short", 100);
      add(Lane.STANDARD, "short", 100);
    }
    long ahead = 0; // what the one got more than the other
    for (int i = 0; i < 110; i++) {
      ACall next = go();
      ahead += next.tenant().equals("long") ? next.tokens() : -next.tokens();
    }
    assertThat(ahead).isBetween(-1_000L, 1_000L);
  }

  @Test
  void whoComesToAFloodIsNextAtOnce() {
    for (int i = 0; i < 1_000; i++) {
      add(Lane.STANDARD, "flood", 50);
    }
    for (int i = 0; i < 20; i++) {
      go();
    }
    ACall other = add(Lane.STANDARD, "other", 5_000);
    assertThat(go()).as("at most one of the flood goes before").isNotNull();
    boolean gone = line.next() == null || !other.equals(line.next());
    assertThat(gone || go().equals(other)).isTrue();
  }

  @Test
  void whoStayedAwaySavedUpNothing() {
    for (int i = 0; i < 300; i++) {
      add(Lane.STANDARD, "steady", 10);
    }
    for (int i = 0; i < 200; i++) {
      go();
    }
    for (int i = 0; i < 100; i++) {
      add(Lane.STANDARD, "back", 10);
    }
    long back = 0;
    for (int i = 0; i < 50; i++) {
      back += go().tenant().equals("back") ? 1 : 0;
    }
    assertThat(back).isBetween(24L, 26L);
  }

  @Test
  void whoLeavesWithoutHavingGoneOwesNothing() {
    List<ACall> gaveUp = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      gaveUp.add(add(Lane.STANDARD, "a", 1_000));
      add(Lane.STANDARD, "b", 10);
    }
    gaveUp.forEach(line::remove);
    assertThat(line.size()).isEqualTo(100);
    ACall again = add(Lane.STANDARD, "a", 10);
    List<ACall> two = List.of(go(), go());
    assertThat(two).contains(again);
    assertThat(line.remove(again)).as("it has gone").isFalse();
  }

  @Test
  void whoComesBackAtOnceStillOwesWhatItHad() {
    for (int i = 0; i < 50; i++) {
      add(Lane.STANDARD, "steady", 100);
    }
    // One call at a time, each as large as ten of the others: it never waits for two.
    add(Lane.STANDARD, "large", 1_000);
    int large = 0;
    for (int i = 0; i < 44; i++) {
      if (go().tenant().equals("large")) {
        large++;
        add(Lane.STANDARD, "large", 1_000);
      }
    }
    assertThat(large).isBetween(4, 5);
  }

  @Test
  void expressThatWentOutOfTurnPutsNobodyBack() {
    for (int i = 0; i < 50; i++) {
      add(Lane.EXPRESS, "a", 1_000);
      add(Lane.STANDARD, "a", 10);
    }
    for (int i = 0; i < 40; i++) {
      line.goes(Objects.requireNonNull(line.next(Lane.EXPRESS)));
    }
    ACall batch = add(Lane.BATCH, "a", 10);
    List<ACall> next = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      next.add(go());
    }
    assertThat(next).contains(batch);
  }

  @Test
  void aheadAreTheOwnThatCameBeforeAndAsManyOfEachOther() {
    for (int i = 0; i < 5; i++) {
      add(Lane.STANDARD, "a", 10);
      add(Lane.STANDARD, "b", 7);
    }
    add(Lane.STANDARD, "c", 3);
    add(Lane.EXPRESS, "a", 1_000);
    assertThat(line.ahead(add(Lane.STANDARD, "c", 1))).isEqualTo(new FairLine.Load(5, 37));
    assertThat(line.ahead(add(Lane.BATCH, "a", 1))).isEqualTo(new FairLine.Load(0, 0));
  }

  /**
   * Lanes and tenants that come and go at random: whoever waits all the time gets what it is due,
   * but for the largest calls, and the line is never idle while somebody waits.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void noLaneAndNoTenantStarves(long seed) {
    var random = new Random(seed);
    long largest = 500;
    Lane watched = LANES.get(random.nextInt(3));
    String tenant = "watched";
    boolean waits = false;
    long gotLane = 0;
    long gotTenant = 0;
    long all = 0;
    for (int i = 0; i < 20_000; i++) {
      for (int more = random.nextInt(3); more > 0; more--) {
        Lane lane = LANES.get(random.nextInt(3));
        String of = "t" + random.nextInt(4);
        if (line.size(lane) < 40) {
          add(lane, of, 1 + random.nextLong(largest));
        }
      }
      if (!waits) {
        add(watched, tenant, 1 + random.nextLong(largest));
        waits = true;
      }
      ACall next = Objects.requireNonNull(line.next(), "somebody waits, so somebody is next");
      if (random.nextInt(10) == 0 && !next.tenant().equals(tenant)) {
        assertThat(line.remove(next)).isTrue(); // It gave up.
      } else {
        line.goes(next);
        all += next.tokens();
        gotLane += next.lane() == watched ? next.tokens() : 0;
        if (next.tenant().equals(tenant)) {
          gotTenant += next.tokens();
          waits = false;
        }
      }
    }
    double weight = LimitRules.DEFAULT.weight(watched) / 100.0;
    assertThat((double) gotLane).as("the lane").isGreaterThan(all * weight - 4 * largest);
    assertThat((double) gotTenant)
        .as("one of five tenants")
        .isGreaterThan(gotLane / 5.0 - 4 * largest);
  }
}
