package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.limit.LimitRules;
import io.penstock.schemas.avro.Breaker;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Lane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a model of a provider is left alone, and when it is called again. */
class BreakerTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final BreakerRules RULES = BreakerRules.DEFAULT;
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Caller CALLER = new Caller(Lane.STANDARD, "tenant-1", 1);
  private static final String ANSWER =
      "{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";

  private final TestClock clock = new TestClock(NOW);
  private final MockWebServer server = new MockWebServer();
  private final List<Standing> changes = new ArrayList<>();
  private Providers providers;
  private volatile MockResponse behaviour = answer();

  @BeforeEach
  void start() throws IOException {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return behaviour;
          }
        });
    server.start(InetAddress.getLoopbackAddress(), 0);
    var settings = ProviderSettings.openAi("p", server.url("/v1").toString(), null);
    providers = new Providers(List.of(settings), RULES, LimitRules.DEFAULT, clock);
    providers.watch(changes::add);
  }

  @AfterEach
  void stop() {
    providers.close();
    server.close();
  }

  @Test
  void aModelThatFailsTooOftenIsNotCalledForAWhile() {
    behaviour = refusal(500, "server_error");
    for (int i = 0; i < RULES.leastCalls(); i++) {
      assertThat(failed("m").reason()).isEqualTo(Reason.PROVIDER_ERROR);
    }
    Result.Failed turnedAway = failed("m");
    assertThat(turnedAway.reason()).isEqualTo(Reason.PROVIDER_SUSPENDED);
    assertThat(turnedAway.advice().retryAfter()).isEqualTo(RULES.open().plusMillis(1));
    assertThat(server.getRequestCount()).isEqualTo(RULES.leastCalls());
    assertThat(changes)
        .singleElement()
        .satisfies(now -> {
          assertThat(now.breaker()).isEqualTo(Breaker.OPEN);
          assertThat(now.openUntil()).isEqualTo(NOW.plus(RULES.open()));
          assertThat(now.reason()).isEqualTo(Reason.PROVIDER_ERROR);
        });
  }

  @Test
  void anotherModelOfTheSameProviderIsCalledAllTheSame() {
    open("m");
    behaviour = answer();
    assertThat(call("other")).isInstanceOf(Result.Answered.class);
    assertThat(call("m")).isInstanceOf(Result.Failed.class);
  }

  @Test
  void aModelThatAnswersItsTrialsIsCalledAgain() {
    open("m");
    behaviour = answer();
    clock.pass(RULES.open().plusMillis(1));
    for (int i = 0; i < RULES.trials(); i++) {
      assertThat(call("m")).isInstanceOf(Result.Answered.class);
    }
    assertThat(changes.stream().map(Standing::breaker))
        .containsExactly(Breaker.OPEN, Breaker.HALF_OPEN, Breaker.CLOSED);
    assertThat(changes.getLast().reason()).isNull();
  }

  @Test
  void aModelThatFailsItsTrialsIsLeftAloneAgain() {
    open("m");
    clock.pass(RULES.open().plusMillis(1));
    for (int i = 0; i < RULES.trials(); i++) {
      assertThat(failed("m").reason()).isEqualTo(Reason.PROVIDER_ERROR);
    }
    assertThat(failed("m").reason()).isEqualTo(Reason.PROVIDER_SUSPENDED);
    assertThat(changes.stream().map(Standing::breaker))
        .containsExactly(Breaker.OPEN, Breaker.HALF_OPEN, Breaker.OPEN);
  }

  @Test
  void noMoreThanTheTrialsGoUntilTheyHaveEndedButOneNowAndThen() {
    open("m");
    clock.pass(RULES.open().plusMillis(1));
    var candidate = new Candidate("p", "m");
    var granted = new ArrayList<Clearance.Granted>();
    for (int i = 0; i < RULES.trials(); i++) {
      granted.add((Clearance.Granted) providers.clearance(candidate, CALLER, LONG, new Line()));
    }
    assertThat(failed("m").advice().retryAfter()).isEqualTo(RULES.trialPause());
    clock.pass(RULES.open());
    assertThat(providers.clearance(candidate, CALLER, LONG, new Line()))
        .isInstanceOf(Clearance.Granted.class);
    assertThat(providers.clearance(candidate, CALLER, LONG, new Line()))
        .isInstanceOf(Clearance.Refused.class);
    granted.getFirst().permit().giveBack();
    assertThat(providers.clearance(candidate, CALLER, LONG, new Line()))
        .as("what says nothing makes room for another trial")
        .isInstanceOf(Clearance.Granted.class);
  }

  @Test
  void callsFromBeforeTheChangeAreNoTrials() {
    var candidate = new Candidate("p", "m");
    var early = new ArrayList<Clearance.Granted>();
    for (int i = 0; i < RULES.trials(); i++) {
      early.add((Clearance.Granted) providers.clearance(candidate, CALLER, LONG, new Line()));
    }
    open("m");
    clock.pass(RULES.open().plusMillis(1));
    behaviour = answer();
    assertThat(call("m")).isInstanceOf(Result.Answered.class);
    early.forEach(each ->
        each.permit().end(Result.Failed.of(Reason.PROVIDER_ERROR, "failed"), LONG, LONG, LONG));
    early.getFirst().permit().giveBack();
    assertThat(changes.getLast().breaker()).isEqualTo(Breaker.HALF_OPEN);
    assertThat(call("m")).isInstanceOf(Result.Answered.class);
    assertThat(call("m")).isInstanceOf(Result.Answered.class);
    assertThat(changes.getLast().breaker()).isEqualTo(Breaker.CLOSED);
  }

  @Test
  void aHurriedCallThatIsGivenUpWithItsQuestionInHandShutsNoDoor() throws IOException {
    var first = new BreakerRules(1, 1, 50, RULES.open(), 1, 1, RULES.open(), RULES.open(), LONG);
    int unused;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    try (var busy = new ServerSocket()) {
      // It reads nothing, and has no room for the question.
      busy.setReceiveBufferSize(4096);
      busy.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      var settings =
          List.of(
              ProviderSettings.openAi("busy", "http://127.0.0.1:" + busy.getLocalPort(), null),
              ProviderSettings.openAi("gone", "http://127.0.0.1:" + unused, null));
      try (var both = new Providers(settings, first, LimitRules.DEFAULT, clock)) {
        for (String provider : List.of("busy", "gone")) {
          Duration hurry = Duration.ofSeconds(provider.equals("busy") ? 1 : 30);
          var question = aRequest().saying("user", "x".repeat(16 << 20)).now();
          assertThat(both.call(new Candidate(provider, "m"), question, hurry))
              .isInstanceOfSatisfying(
                  Result.Failed.class,
                  failed -> assertThat(failed.reason()).isEqualTo(Reason.PROVIDER_UNREACHABLE));
        }
        assertThat(both.standings())
            .extracting(Standing::provider, Standing::breaker)
            .containsExactlyInAnyOrder(tuple("busy", Breaker.CLOSED), tuple("gone", Breaker.OPEN));
      }
    }
  }

  @Test
  void aProviderThatOnlyAsksForPatienceIsNotLeftAlone() {
    behaviour = refusal(429, "rate_limit_exceeded");
    for (int i = 0; i < 3 * RULES.calls(); i++) {
      assertThat(failed("m").reason()).isEqualTo(Reason.RATE_LIMITED);
    }
    assertThat(server.getRequestCount()).isEqualTo(3 * RULES.calls());
    assertThat(changes).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "429, insufficient_quota, QUOTA_EXHAUSTED",
    "401, invalid_api_key,    PROVIDER_UNAUTHORIZED",
    "404, model_not_found,    MODEL_NOT_FOUND",
  })
  void whatWillNotPassSoonIsNotAskedAgainAndSaidAgain(int status, String code, Reason reason) {
    behaviour = refusal(status, code);
    for (int i = 0; i < RULES.trips(); i++) {
      assertThat(failed("m").reason()).isEqualTo(reason);
    }
    Result.Failed again = failed("m");
    assertThat(again.reason()).isEqualTo(reason);
    assertThat(again.advice().retryAfter()).isEqualTo(RULES.trippedOpen().plusMillis(1));
    assertThat(server.getRequestCount()).isEqualTo(RULES.trips());

    behaviour = answer();
    assertThat(call("other")).as("the others are called").isInstanceOf(Result.Answered.class);
    clock.pass(RULES.trippedOpen().plusMillis(1));
    assertThat(call("m")).isInstanceOf(Result.Answered.class);
  }

  @Test
  void aTrialThatWillNotPassEitherIsEnough() {
    open("m");
    clock.pass(RULES.open().plusMillis(1));
    behaviour = refusal(401, "invalid_api_key");
    assertThat(failed("m").reason()).isEqualTo(Reason.PROVIDER_UNAUTHORIZED);
    assertThat(failed("m").advice().retryAfter()).isEqualTo(RULES.trippedOpen().plusMillis(1));
  }

  @Test
  void whoeverNamesWhatIsNotThereDoesNotShutTheDoorToOthers() {
    for (int i = 0; i < 3 * RULES.trips(); i++) {
      behaviour = refusal(404, "not_found_error"); // Of a file that a request names.
      assertThat(failed("m").reason()).isEqualTo(Reason.MODEL_NOT_FOUND);
      if (i % (RULES.trips() - 1) == RULES.trips() - 2) {
        behaviour = answer();
        assertThat(call("m")).isInstanceOf(Result.Answered.class);
      }
    }
    assertThat(changes).isEmpty();
  }

  @Test
  void inventedModelsDoNotFillTheMemory() {
    for (int i = 0; i < Gates.MOST + 50; i++) {
      var candidate = new Candidate("p", "invented-" + i);
      ((Clearance.Granted) providers.clearance(candidate, CALLER, LONG, new Line()))
          .permit()
          .giveBack();
      if (i % 500 == 0) {
        assertThat(call("m")).isInstanceOf(Result.Answered.class);
      }
    }
    assertThat(providers.standings()).hasSize(Gates.MOST);
    assertThat(providers.standings())
        .as("what is in use stays")
        .anyMatch(standing -> standing.model().equals("m"));
    clock.pass(Duration.ofHours(1));
    assertThat(call("m")).isInstanceOf(Result.Answered.class);
    providers.forget(clock.instant().minusSeconds(60));
    assertThat(providers.standings()).extracting(Standing::model).containsExactly("m");
  }

  private void open(String model) {
    behaviour = refusal(500, "server_error");
    for (int i = 0; i < RULES.leastCalls(); i++) {
      assertThat(failed(model).reason()).isEqualTo(Reason.PROVIDER_ERROR);
    }
    assertThat(changes.getLast().breaker()).isEqualTo(Breaker.OPEN);
  }

  private Result.Failed failed(String model) {
    return (Result.Failed) call(model);
  }

  private Result call(String model) {
    return providers.call(
        new Candidate("p", model), aRequest().saying("user", "Hello").now(), LONG);
  }

  private static MockResponse answer() {
    return new MockResponse.Builder().body(ANSWER).build();
  }

  private static MockResponse refusal(int status, String code) {
    return new MockResponse.Builder()
        .code(status)
        .body("{\"error\":{\"message\":\"no\",\"code\":\"" + code + "\"}}")
        .build();
  }
}
