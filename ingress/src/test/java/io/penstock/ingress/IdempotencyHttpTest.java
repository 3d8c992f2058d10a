package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Penstock.Extension.class)
class IdempotencyHttpTest {
  private static Penstock penstock;
  private static Http here;
  private static Http elsewhere;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    here = shared.ingress();
    elsewhere = shared.ingress();
  }

  @Test
  void theSameKeyGivesTheSameAnswerAndNoSecondDispatch() {
    var first = here.infer(prompt("repeat me"), "Idempotency-Key", "key-1");
    var again = here.infer(prompt("repeat me"), "Idempotency-Key", "key-1");
    assertThat(first.status()).as(first.body()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(penstock.topology.dispatched("repeat me")).hasSize(1);
  }

  @Test
  void anotherInstanceGivesTheSameAnswer() {
    var first = here.infer(prompt("repeat me elsewhere"), "Idempotency-Key", "key-2");
    var again = elsewhere.infer(prompt("repeat me elsewhere"), "Idempotency-Key", "key-2");
    assertThat(again.status()).as(again.body()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(penstock.topology.dispatched("repeat me elsewhere")).hasSize(1);
  }

  @Test
  void twoHundredCallersUnderOneKeyShareTheOneThatIsUnderWay() {
    var waiting =
        IntStream.range(0, 200)
            .mapToObj(i -> i % 2 == 0 ? here : elsewhere)
            .map(http -> http.inferLater(prompt("hold for many"), "Idempotency-Key", "key-3"))
            .toList();
    Awaitility.await()
        .until(() -> penstock.topology.dispatched("hold for many").size(), size -> size == 1);
    var id = penstock.topology.dispatched("hold for many").getFirst().getId();
    penstock.topology.release(id);
    assertThat(waiting)
        .allSatisfy(one -> {
          var got = one.orTimeout(60, TimeUnit.SECONDS).join();
          assertThat(got.status()).as(got.body()).isEqualTo(200);
          assertThat(got.id()).isEqualTo(id);
        });
    assertThat(penstock.topology.dispatched("hold for many")).hasSize(1);
  }

  @Test
  void callersThatComeAsTheAnswerArrivesGetItToo() {
    for (int round = 0; round < 50; round++) {
      String prompt = prompt("just in time " + round);
      String key = "round-" + round;
      var waiting =
          IntStream.range(0, 12)
              .mapToObj(i -> (i % 3 == 0 ? elsewhere : here))
              .map(http -> http.inferLater(prompt, "Idempotency-Key", key))
              .toList();
      var bodies =
          waiting.stream().map(one -> one.orTimeout(60, TimeUnit.SECONDS).join().body()).toList();
      assertThat(bodies).allMatch(bodies.getFirst()::equals);
      assertThat(penstock.topology.dispatched("just in time " + round)).hasSize(1);
    }
  }

  @Test
  void anotherTextUnderAKeyThatIsAnsweredIsRefused() {
    here.infer(prompt("the first text"), "Idempotency-Key", "key-4");
    for (Http http : List.of(here, elsewhere)) {
      var got = http.infer(prompt("a second text"), "Idempotency-Key", "key-4");
      assertThat(got.status()).as(got.body()).isEqualTo(422);
      assertThat(got.error()).isEqualTo("idempotency_key_reused");
    }
    assertThat(penstock.topology.dispatched("a second text")).isEmpty();
  }

  @Test
  void anotherTextUnderAKeyThatIsUnderWayIsRefusedAndTheFirstGoesOn() {
    var first = here.inferLater(prompt("hold the first"), "Idempotency-Key", "key-5");
    Awaitility.await()
        .until(() -> penstock.topology.dispatched("hold the first").size(), size -> size == 1);
    for (Http http : List.of(here, elsewhere)) {
      var got = http.infer(prompt("a rival"), "Idempotency-Key", "key-5");
      assertThat(got.status()).as(got.body()).isEqualTo(422);
    }
    var id = penstock.topology.dispatched("hold the first").getFirst().getId();
    assertThat(status(elsewhere, id)).isEqualTo("accepted");
    penstock.topology.release(id);
    assertThat(first.orTimeout(60, TimeUnit.SECONDS).join().status()).isEqualTo(200);
    Awaitility.await().until(() -> status(elsewhere, id), "answered"::equals);
    assertThat(penstock.topology.dispatched("a rival")).isEmpty();
  }

  @Test
  void aCallerWhoseDeadlinePassedMayComeBackWithItsKey() {
    var early =
        here.postUntilStored(
            "/v1/inference",
            "{\"prompt\":\"hold a while\",\"deadline_ms\":400}",
            "Idempotency-Key",
            "key-6");
    assertThat(early.status()).isEqualTo(202);
    var later = here.inferLater(prompt("hold a while"), "Idempotency-Key", "key-6");
    penstock.topology.release(early.id());
    var got = later.orTimeout(60, TimeUnit.SECONDS).join();
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    assertThat(got.id()).isEqualTo(early.id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words"})
  void aKeyThatIsNoKeyIsRefused(String key) {
    var got = here.infer(prompt("hello"), "Idempotency-Key", key);
    assertThat(got.status()).isEqualTo(400);
    assertThat(got.error()).isEqualTo("invalid_value");
    assertThat(got.field()).isEqualTo("Idempotency-Key");
  }

  @Test
  void aKeyMayHave256CharactersAndNoMore() {
    assertThat(here.infer(prompt("hello"), "Idempotency-Key", "k".repeat(256)).status())
        .isEqualTo(200);
    assertThat(here.infer(prompt("hello"), "Idempotency-Key", "k".repeat(257)).status())
        .isEqualTo(400);
  }

  private static String status(Http http, String id) {
    return http.get("/v1/requests/" + id).json().path("status").asText();
  }

  private static String prompt(String text) {
    return "{\"prompt\":\"" + text + "\"}";
  }
}
