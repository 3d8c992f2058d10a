package io.penstock.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestIdsTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00.123Z");

  private final RequestIds ids = new RequestIds("cluster");

  @Test
  void aMintedIdTellsWhenItWasMinted() {
    assertThat(ids.parse(ids.mint("acme", NOON))).isEqualTo(new RequestId.Minted(NOON));
  }

  @Test
  void anyInstanceOfTheClusterRecognisesTheIdsOfAnother() {
    var other = new RequestIds("cluster");
    assertThat(other.parse(ids.mint("acme", NOON), "acme")).isEqualTo(new RequestId.Minted(NOON));
    assertThat(other.parse(ids.ofIdempotencyKey("acme", "key"), "acme"))
        .isEqualTo(new RequestId.Claimed());
  }

  @Test
  void anIdOfAnotherClusterIsForeign() {
    var elsewhere = new RequestIds("another cluster");
    assertThat(elsewhere.parse(ids.mint("acme", NOON))).isEqualTo(new RequestId.Foreign());
  }

  @Test
  void anIdOfAnotherTenantIsForeignToAllButTheOperator() {
    for (String id : new String[] {ids.mint("acme", NOON), ids.ofIdempotencyKey("acme", "key")}) {
      assertThat(ids.parse(id, "rival")).isEqualTo(new RequestId.Foreign());
      assertThat(ids.parse(id)).isNotEqualTo(new RequestId.Foreign());
    }
  }

  @Test
  void aChangeOfAnyCharacterMakesAnIdForeign() {
    for (String id : new String[] {ids.mint("acme", NOON), ids.ofIdempotencyKey("acme", "key")}) {
      for (int i = 0; i < id.length(); i++) {
        char changed = id.charAt(i) == '0' ? '1' : '0';
        String forged = id.substring(0, i) + changed + id.substring(i + 1);
        assertThat(ids.parse(forged, "acme")).as(forged).isEqualTo(new RequestId.Foreign());
      }
    }
  }

  @Test
  void whatIsNoIdOfOursIsForeign() {
    for (String id :
        new String[] {"", "m", "order-4711", "ü".repeat(43), "m".repeat(43), "k".repeat(45)}) {
      assertThat(ids.parse(id)).as(id).isEqualTo(new RequestId.Foreign());
    }
  }

  @Test
  void mintedIdsAreUnique() {
    var minted = new HashSet<String>();
    var twin = new RequestIds("cluster");
    for (int i = 0; i < 10_000; i++) {
      minted.add(ids.mint("acme", NOON));
      minted.add(twin.mint("acme", NOON));
    }
    assertThat(minted).hasSize(20_000);
  }

  @Test
  void mintedIdsSortByTime() {
    var minted =
        IntStream.range(0, 200).mapToObj(i -> ids.mint("acme", NOON.plusMillis(i * 37L))).toList();
    assertThat(minted).isSorted();
  }

  @Test
  void theSameKeyOfTheSameTenantIsTheSameId() {
    assertThat(ids.ofIdempotencyKey("acme", "key"))
        .isEqualTo(new RequestIds("cluster").ofIdempotencyKey("acme", "key"))
        .isNotEqualTo(ids.ofIdempotencyKey("acme", "kez"))
        .isNotEqualTo(ids.ofIdempotencyKey("rival", "key"));
  }

  @Test
  void idsNeedNoEscapingInAUrl() {
    assertThat(ids.mint("acme", NOON)).matches("[a-z0-9]+");
    assertThat(ids.ofIdempotencyKey("acme", "key / with spaces")).matches("[a-z0-9]+");
  }
}
