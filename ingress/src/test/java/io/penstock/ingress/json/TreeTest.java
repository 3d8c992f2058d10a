package io.penstock.ingress.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TreeTest {
  @Test
  void aTreeOfSmallThingsTakesRoomForEachOfThem() {
    var taken = new AtomicInteger();
    read("{\"a\":[" + "{},".repeat(100_000) + "1]}", bytes -> taken.addAndGet(bytes) > 0);
    assertThat(taken.get()).isGreaterThan(5_000_000);
    taken.set(0);
    read("{\"a\":\"" + "x".repeat(1_000_000) + "\"}", bytes -> taken.addAndGet(bytes) > 0);
    assertThat(taken).hasValue(0); // its bytes are counted as they come
  }

  @Test
  void aTreeThatFindsNoRoomIsRefused() {
    var read = read("{\"a\":[" + "1,".repeat(10_000) + "1]}", _ -> false);
    assertThat(read)
        .isInstanceOfSatisfying(
            Reading.Refused.class,
            refused -> assertThat(refused.failure().getCode()).isEqualTo("overloaded"));
  }

  @Test
  void numbersStayAsTheyAreWritten() {
    String document = "{\"a\":1.0,\"b\":1e2,\"c\":123456789012345678901234567890,\"d\":1.10}";
    assertThat(read(document, Room.ENDLESS))
        .isInstanceOfSatisfying(
            Reading.Read.class,
            read ->
                assertThat(Tree.write((ObjectNode) read.value()))
                    .isEqualTo(
                        "{\"a\":1.0,\"b\":1E+2,\"c\":123456789012345678901234567890,\"d\":1.10}"));
  }

  @Test
  void halfACharacterIsNoText() {
    assertThat(read("{\"a\":[{\"b\":\"\\ud83d\"}]}", Room.ENDLESS))
        .isInstanceOf(Reading.Refused.class);
    assertThat(read("{\"a\":[{\"b\":\"\\ud83d\\ude00\"}]}", Room.ENDLESS))
        .isInstanceOf(Reading.Read.class);
  }

  private static Reading<ObjectNode> read(String document, Room room) {
    return Tree.object(document.getBytes(StandardCharsets.UTF_8), room);
  }
}
