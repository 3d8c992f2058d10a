package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.message;
import static io.penstock.embedded.simulator.TestingSimulator.streamed;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.simulator.TestingSimulator.Reply;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final Instant START = Instant.parse("2026-11-28T12:00:00Z");
  private static final String MODEL = "gpt-test";

  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  private Reply call() throws IOException {
    return simulator.complete(chat("gpt-test", "hi").put("max_tokens", 1));
  }

  @Test
  void everyOtherCallIsRefusedAndCostsNothing() throws IOException {
    simulator.post("/admin/limits", "{\"every_other\": true, \"retry_after\": \"1\"}");

    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      statuses.add(call().status());
    }

    assertThat(statuses).containsExactly(200, 429, 200, 429, 200, 429);
    assertThat(simulator.statsOf("gpt-test").path("calls").intValue()).isEqualTo(6);
    assertThat(simulator.statsOf("gpt-test").path("failures").intValue()).isEqualTo(3);
    assertThat(simulator.undelivered()).isZero();
    assertThat(simulator.newestCall().path("outcome").textValue()).isEqualTo("limited");
  }

  @Test
  void aRefusalCarriesTheWaitAsItWasSet() throws IOException {
    String date = "Sat, 28 Nov 2026 12:00:01 GMT";
    simulator.post("/admin/limits", "{\"every_other\": true, \"retry_after\": \"" + date + "\"}");
    call();

    Reply refused = call();

    assertThat(refused.headers().get("retry-after")).isEqualTo(date);
    assertThat(refused.headers().get("retry-after-ms")).isNull();
    assertThat(refused.headers().get("x-ratelimit-remaining-requests"))
        .as("there is no limit that it could tell of")
        .isNull();
    assertThat(refused.json().at("/error/code").textValue()).isEqualTo("rate_limit_exceeded");
    simulator.post("/admin/limits", "{\"every_other\": true, \"retry_after\": \"\"}");
    call();
    assertThat(call().headers().get("retry-after")).isNull();
  }

  @Test
  void everyAnswerSaysWhereItsCallerStands() throws IOException {
    assertThat(call().headers().get("x-ratelimit-limit-requests")).isNull();
    simulator.post("/admin/limits", "{\"requests_per_second\": 2}");
    Instant before = Instant.now();

    Reply first = call();
    Reply second = simulator.complete(streamed(chat("gpt-test", "hi")));
    Reply third = simulator.message(message("claude-test", "hi"));

    assertThat(first.headers().get("x-ratelimit-limit-requests")).isEqualTo("2");
    assertThat(first.headers().get("x-ratelimit-remaining-requests")).isEqualTo("1");
    assertThat(first.headers().get("x-ratelimit-reset-requests")).matches("\\d+m?s");
    assertThat(second.headers().get("x-ratelimit-remaining-requests")).isNotNull();
    assertThat(third.headers().get("anthropic-ratelimit-requests-limit")).isEqualTo("2");
    assertThat(Instant.parse(third.headers().get("anthropic-ratelimit-requests-reset")))
        .isAfter(before.minusSeconds(1));
    assertThat(third.headers().get("x-ratelimit-limit-requests")).isNull();
  }

  @Test
  void aBodyWithoutALimitEndsThem() throws IOException {
    simulator.post("/admin/limits", "{\"every_other\": true}");
    assertThat(simulator.get("/admin/limits").json().path("retry_after").textValue())
        .isEqualTo("1");

    simulator.post("/admin/limits", "{}");

    assertThat(simulator.get("/admin/limits").json()).isEmpty();
    assertThat(List.of(call().status(), call().status())).containsOnly(200);
  }

  @Test
  void roomComesBackWithTime() {
    Limits limits = new Limits();
    limits.set(new Limits.Plan(new BigDecimal(4), false, null, "1"));

    assertThat(passed(limits, START, 6)).isEqualTo(4);
    assertThat(passed(limits, START.plusMillis(500), 6)).isEqualTo(2);
    assertThat(passed(limits, START.plusMillis(600), 6)).isZero();
    assertThat(passed(limits, START.plusSeconds(60), 6)).isEqualTo(4);
  }

  @Test
  void theTimeUntilAllRoomIsBackIsTold() {
    Limits limits = new Limits();
    limits.set(new Limits.Plan(new BigDecimal(4), false, null, "1"));

    assertThat(limits.next(MODEL, START).orElseThrow().untilFull()).hasMillis(250);
    assertThat(limits.next(MODEL, START).orElseThrow().untilFull()).hasMillis(500);
  }

  @Test
  void soManyOfAModelAreServedAtATimeAndTheNextIsRefused() {
    Limits limits = new Limits();
    limits.set(new Limits.Plan(null, false, 2, "1"));

    assertThat(passed(limits, START, 5)).isEqualTo(2);
    assertThat(limits.next("another", START).orElseThrow().refused()).isFalse();
    limits.leave(MODEL);
    assertThat(passed(limits, START, 5)).as("the refused took no room").isEqualTo(1);
  }

  @Test
  void aCallThatHasEndedMakesRoomForTheNext() throws IOException {
    simulator.post("/admin/limits", "{\"concurrent\": 1, \"retry_after\": \"\"}");
    assertThat(simulator.get("/admin/limits").json().path("concurrent").intValue()).isEqualTo(1);

    for (int i = 0; i < 5; i++) {
      assertThat(call().status()).isEqualTo(200);
      assertThat(simulator.complete(streamed(chat("gpt-test", "hi"))).status()).isEqualTo(200);
    }
    assertThat(simulator.post("/admin/limits", "{\"concurrent\": 0}").status()).isEqualTo(400);
  }

  private static long passed(Limits limits, Instant at, int calls) {
    long passed = 0;
    for (int i = 0; i < calls; i++) {
      passed += limits.next(MODEL, at).orElseThrow().refused() ? 0 : 1;
    }
    return passed;
  }
}
