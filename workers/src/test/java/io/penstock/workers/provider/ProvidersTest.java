package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static io.penstock.workers.provider.Asked.bill;
import static io.penstock.workers.provider.Asked.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.limit.LimitRules;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Limits;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Candidate;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.internal.http2.ErrorCode;
import okhttp3.internal.http2.StreamResetException;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProvidersTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration NEVER = Duration.ofDays(1);
  private static final SocketEffect HANG_UP = new SocketEffect.CloseSocket();
  private static final String ANSWER =
      """
      {"model":"m-1","choices":[{"message":{"content":"%s"},"finish_reason":"stop"}],
       "usage":{"prompt_tokens":3,"completion_tokens":4}}
      """;

  private final MockWebServer server = new MockWebServer();

  @BeforeEach
  void start() throws IOException {
    server.start(InetAddress.getLoopbackAddress(), 0);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aQuestionIsPutInTheDialectOfItsProvider() throws InterruptedException {
    server.enqueue(ok(ANSWER.formatted("Hi")));
    var result = call(LONG);
    assertThat(result)
        .isEqualTo(
            new Result.Answered(Answers.text("Hi", "stop"), bill("m-1", Tokens.plain(3, 4))));
    var request = server.takeRequest();
    assertThat(request.getMethod() + " " + request.getTarget())
        .isEqualTo("POST /v1/chat/completions");
    assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer sk-test");
    assertThat(request.getHeaders().get("Content-Type")).isEqualTo("application/json");
    assertThat(json(body(request.getBody())))
        .isEqualTo(json("{'model':'m','messages':[{'role':'user','content':'Hello'}]}"));
  }

  @Test
  void anthropicIsAskedItsOwnWay() throws InterruptedException {
    server.enqueue(
        ok(
            """
            {"content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","model":"c",
             "usage":{"input_tokens":3,"output_tokens":4}}
            """));
    var settings =
        ProviderSettings.anthropic("p", server.url("/").toString(), new ApiKey("sk-ant"));
    try (var providers = new Providers(List.of(settings), InstantSource.fixed(NOW))) {
      assertThat(ask(providers, LONG))
          .isEqualTo(
              new Result.Answered(Answers.text("Hi", "stop"), bill("c", Tokens.plain(3, 4))));
    }
    var request = server.takeRequest();
    assertThat(request.getTarget()).isEqualTo("/v1/messages");
    assertThat(request.getHeaders().get("x-api-key")).isEqualTo("sk-ant");
    assertThat(request.getHeaders().get("anthropic-version")).isEqualTo("2023-06-01");
  }

  @ParameterizedTest(name = "Retry-After: {0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "retry-after; 2; 2000",
        "retry-after; Tue, 24 Nov 2026 12:00:02 GMT; 2000",
        "retry-after-ms; 2000; 2000",
      })
  void theProvidersWaitIsHandedOn(String header, String value, long millis) {
    server.enqueue(refusal(429).addHeader(header, value).build());
    var failed = failure(call(LONG));
    assertThat(failed.reason()).isEqualTo(Reason.RATE_LIMITED);
    assertThat(failed.advice())
        .isEqualTo(new Advice(Duration.ofMillis(millis), Advice.Wish.UNSAID));
  }

  static Stream<Arguments> faults() {
    String whole = ANSWER.formatted("Hi");
    return Stream.of(
        Arguments.of("500", refusal(500).build(), Reason.PROVIDER_ERROR),
        Arguments.of("529", refusal(529).build(), Reason.PROVIDER_OVERLOADED),
        Arguments.of(
            "500 with half a body",
            refusal(500).onResponseBody(HANG_UP).build(),
            Reason.PROVIDER_ERROR),
        Arguments.of(
            "a redirect",
            refusal(307).addHeader("Location", "/elsewhere").build(),
            Reason.PROVIDER_REJECTED),
        Arguments.of(
            "half a body",
            new MockResponse.Builder().body(whole).onResponseBody(HANG_UP).build(),
            Reason.ANSWER_TRUNCATED),
        Arguments.of(
            "half a chunked body",
            new MockResponse.Builder().chunkedBody(whole, 20).onResponseBody(HANG_UP).build(),
            Reason.ANSWER_TRUNCATED),
        Arguments.of(
            "half a JSON", ok(whole.substring(0, whole.length() / 2)), Reason.ANSWER_TRUNCATED),
        Arguments.of(
            "no response at all",
            new MockResponse.Builder().onResponseStart(HANG_UP).build(),
            Reason.ANSWER_TRUNCATED),
        Arguments.of(
            "hung up on after the question",
            new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket(false, false, true))
                .build(),
            Reason.ANSWER_TRUNCATED),
        Arguments.of("garbage", ok("<html>Welcome</html>"), Reason.ANSWER_GARBLED),
        Arguments.of(
            "bytes that are no text", ok("\u0000\u0001\u0000\u0002"), Reason.ANSWER_GARBLED),
        Arguments.of("a stream", ok("data: {\"choices\":[]}\n\n"), Reason.ANSWER_GARBLED),
        Arguments.of("nothing", ok(""), Reason.ANSWER_GARBLED),
        Arguments.of("a list", ok("[]"), Reason.ANSWER_GARBLED),
        Arguments.of(
            "an error under 200",
            ok("{\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}"),
            Reason.PROVIDER_ERROR),
        Arguments.of(
            "no finish reason", ok(whole.replace("\"stop\"", "null")), Reason.ANSWER_GARBLED),
        Arguments.of("too deep a JSON", ok("[".repeat(100_000)), Reason.ANSWER_GARBLED));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void everyFaultIsATypedFailureOfOneCall(String what, MockResponse response, Reason reason) {
    server.enqueue(response);
    server.enqueue(ok(ANSWER.formatted("of a call that should not be")));
    assertThat(failure(call(LONG)).reason()).as(what).isEqualTo(reason);
    assertThat(server.getRequestCount()).as("calls made").isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 503, 421})
  void nobodyBelowUsRepeatsAQuestion(int status) {
    server.enqueue(refusal(status).addHeader("Retry-After", "0").build());
    server.enqueue(ok(ANSWER.formatted("of a call that should not be")));
    assertThat(call(LONG)).isInstanceOf(Result.Failed.class);
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aQuestionLostOnAnOldConnectionIsNotRepeatedEither() {
    server.enqueue(
        new MockResponse.Builder().body(ANSWER.formatted("Hi")).onResponseEnd(HANG_UP).build());
    server.enqueue(ok(ANSWER.formatted("of a call that should not be")));
    try (var providers = providers()) {
      assertThat(ask(providers, LONG)).isInstanceOf(Result.Answered.class);
      assertThat(failure(ask(providers, LONG)).reason()).isEqualTo(Reason.ANSWER_TRUNCATED);
    }
  }

  static Stream<MockResponse> silences() {
    return Stream.of(
        new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE).build(),
        new MockResponse.Builder()
            .body(ANSWER.formatted("Hi"))
            .onResponseBody(SocketEffect.Stall.INSTANCE)
            .build());
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("silences")
  void aProviderThatNeverAnswersOrStopsInTheMiddleIsGivenUp(MockResponse response) {
    // On a slow machine so little time may be over before the question has left.
    for (var given = Duration.ofMillis(500);
        server.getRequestCount() == 0;
        given = given.multipliedBy(3)) {
      assertThat(given).as("the provider was never asked").isLessThan(Duration.ofMinutes(1));
      server.enqueue(response);
      var failed = failure(call(given));
      if (server.getRequestCount() > 0) {
        assertThat(failed.reason()).isEqualTo(Reason.PROVIDER_TIMEOUT);
        assertThat(failed.message()).contains(given.toMillis() + " ms");
      }
    }
  }

  @Test
  void onlyACallWhoseQuestionHasLeftIsOneThatWasNotAnsweredInTime() {
    var timeout = new InterruptedIOException("timeout");
    assertThat(Exchange.mishap(timeout, true, LONG).reason()).isEqualTo(Reason.PROVIDER_TIMEOUT);
    assertThat(Exchange.mishap(timeout, false, LONG).reason())
        .isEqualTo(Reason.PROVIDER_UNREACHABLE);
  }

  @Test
  void aBodyBeyondAllBoundsIsNotReadToItsEnd() {
    server.enqueue(ok("x".repeat(7 * Limits.LARGEST_TEXT_BYTES)));
    var failed = failure(call(LONG));
    assertThat(failed.reason()).isEqualTo(Reason.ANSWER_TOO_LARGE);
    assertThat(failed.bill().usage()).isNull();
  }

  static Stream<String> textsThatFitNoRecord() {
    return Stream.of(
        "é".repeat(Limits.LARGEST_TEXT_BYTES / 2 + 1), "e".repeat(6 * Limits.LARGEST_TEXT_BYTES));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("textsThatFitNoRecord")
  void anAnswerThatFitsNoRecordIsBilledAllTheSame(String text) {
    server.enqueue(ok(ANSWER.formatted(text)));
    var failed = failure(call(LONG));
    assertThat(failed.reason()).isEqualTo(Reason.ANSWER_TOO_LARGE);
    assertThat(failed.bill().usage()).isEqualTo(Tokens.plain(3, 4));
    assertThat(failed.bill().model()).isEqualTo("m-1");
  }

  static Stream<Arguments> largestTexts() {
    int most = Limits.LARGEST_TEXT_BYTES;
    return Stream.of(
        Arguments.of("plain", "é".repeat(most / 2), "é".repeat(most / 2)),
        Arguments.of("escaped", "e".repeat(most), "\\u0065".repeat(most)),
        Arguments.of("escaped twice", "😀".repeat(most / 4), "\\ud83d\\ude00".repeat(most / 4)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("largestTexts")
  void theLargestAnswerIsRead(String how, String text, String written) {
    server.enqueue(ok(ANSWER.formatted(written)));
    assertThat(call(LONG))
        .as(how)
        .isInstanceOfSatisfying(
            Result.Answered.class,
            answered -> assertThat(answered.answer().getText().equals(text)).isTrue());
  }

  @Test
  void aProviderThatIsNotThereIsUnreachable() throws IOException {
    int unused;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    for (String url :
        List.of(
            "http://127.0.0.1:" + unused,
            "http://nowhere.invalid/v1",
            server.url("/").newBuilder().scheme("https").build().toString())) {
      try (var providers = providers(url)) {
        var failed = failure(ask(providers, LONG));
        assertThat(failed.reason()).as(url).isEqualTo(Reason.PROVIDER_UNREACHABLE);
        assertThat(failed.message()).doesNotContain("127.0.0.1");
      }
    }
  }

  @Test
  void aStreamThatTheServerNeverLookedAtIsNoBilledCall() {
    var refused = new StreamResetException(ErrorCode.REFUSED_STREAM);
    var broken = new StreamResetException(ErrorCode.INTERNAL_ERROR);
    assertThat(Exchange.mishap(refused, true, LONG).reason())
        .isEqualTo(Reason.PROVIDER_UNREACHABLE);
    assertThat(Exchange.mishap(broken, true, LONG).reason()).isEqualTo(Reason.ANSWER_TRUNCATED);
  }

  @Test
  void aServerThatHangsUpBehindAStreamDoesNotSpoilTheNextCall() throws InterruptedException {
    server.enqueue(
        new MockResponse.Builder()
            .setHeader("Content-Type", "text/event-stream")
            .chunkedBody(
                "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
                64)
            .onResponseEnd(HANG_UP)
            .build());
    server.enqueue(ok(ANSWER.formatted("Hi")));
    try (var providers = providers()) {
      var streamed =
          providers.call(
              new Candidate("p", "m"),
              aRequest().saying("user", "Hello").now(),
              null,
              LONG,
              new Line(),
              deltas -> {});
      assertThat(streamed).isInstanceOf(Result.Answered.class);
      assertThat(server.takeRequest().getHeaders().get("Connection")).isEqualTo("close");
      assertThat(ask(providers, LONG)).isInstanceOf(Result.Answered.class);
    }
  }

  private Result call(Duration timeout) {
    try (var providers = providers()) {
      return ask(providers, timeout);
    }
  }

  private Providers providers() {
    return providers(server.url("/v1").toString());
  }

  private static Providers providers(String url) {
    var settings = ProviderSettings.openAi("p", url, new ApiKey("sk-test"));
    return new Providers(
        List.of(settings),
        BreakerRules.DEFAULT,
        LimitRules.DEFAULT,
        InstantSource.fixed(NOW),
        NEVER);
  }

  private static Result ask(Providers providers, Duration timeout) {
    return providers.call(
        new Candidate("p", "m"), aRequest().saying("user", "Hello").now(), timeout);
  }

  private static Result.Failed failure(Result result) {
    assertThat(result).isInstanceOf(Result.Failed.class);
    return (Result.Failed) result;
  }

  private static MockResponse ok(String body) {
    return new MockResponse.Builder().body(body).build();
  }

  private static MockResponse.Builder refusal(int status) {
    return new MockResponse.Builder()
        .code(status)
        .body("{\"error\":{\"message\":\"no\",\"type\":null,\"code\":null}}");
  }

  private static String body(@Nullable ByteString bytes) {
    return bytes == null ? "" : bytes.string(StandardCharsets.UTF_8);
  }
}
