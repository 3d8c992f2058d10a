package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.policies.calling.BreakerRules;
import io.penstock.schemas.avro.Candidate;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import okio.GzipSink;
import okio.Okio;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that mean harm, or are not who they should be. */
class BadPeersTest {
  private static final Duration LONG = Duration.ofSeconds(20);

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
  void aGzipBombIsNotUnpackedToItsEnd() throws IOException {
    server.enqueue(bomb(200).addHeader("Content-Encoding", "gzip").build());
    assertThat(call("compatible", null).reason()).isEqualTo(Reason.ANSWER_TOO_LARGE);
  }

  @Test
  void aGzipBombForARefusalIsNotUnpackedToItsEnd() throws IOException {
    server.enqueue(bomb(200).addHeader("Content-Encoding", "gzip").code(500).build());
    assertThat(call("compatible", null).reason()).isEqualTo(Reason.PROVIDER_ERROR);
  }

  @Test
  void aGzipBombForAStreamIsNotUnpackedAtAll() throws IOException {
    server.enqueue(
        bomb(20)
            .addHeader("Content-Encoding", "gzip")
            .addHeader("Content-Type", "text/event-stream")
            .build());
    assertThat(call("compatible", read -> {}).reason())
        .isIn(Reason.ANSWER_GARBLED, Reason.ANSWER_TOO_LARGE);
  }

  @Test
  void moreJsonThanAnAnswerHasIsNotKept() {
    server.enqueue(new MockResponse.Builder().body("[" + "0,".repeat(2_000_000) + "0]").build());
    assertThat(call("compatible", null).reason()).isEqualTo(Reason.ANSWER_GARBLED);
  }

  @Test
  void aRedirectIsNotFollowed() {
    server.enqueue(
        new MockResponse.Builder().code(308).addHeader("Location", server.url("/x")).build());
    var failed = call("compatible", read -> {});
    assertThat(failed.reason()).isEqualTo(Reason.PROVIDER_REJECTED);
    assertThat(failed.message()).contains("check its base URL");
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void whoseCertificateHasExpiredIsNotAsked() throws IOException {
    long now = Instant.now().toEpochMilli();
    var expired =
        new HeldCertificate.Builder()
            .addSubjectAlternativeName("127.0.0.1")
            .validityInterval(now - 2_000_000, now - 1_000_000)
            .build();
    try (var secure = new MockWebServer()) {
      secure.useHttps(
          new HandshakeCertificates.Builder().heldCertificate(expired).build().sslSocketFactory());
      secure.start(InetAddress.ofLiteral("127.0.0.1"), 0);
      secure.enqueue(new MockResponse.Builder().body("{}").build());
      var failed =
          call(
              Presets.named("compatible")
                  .at("p", "https://127.0.0.1:" + secure.getPort() + "/v1", new ApiKey("k")),
              null);
      assertThat(failed.reason()).isEqualTo(Reason.PROVIDER_UNREACHABLE);
      assertThat(failed.message()).contains("SSLHandshakeException");
      assertThat(secure.getRequestCount()).isZero();
    }
  }

  @Test
  void anthropicsRefusalsWithoutAWaitMeanThatItsMoneyIsSpent() {
    var settings = Presets.named("anthropic").at("p", server.url("/").toString(), null);
    var clock = new TestClock(Instant.parse("2026-11-24T12:00:00Z"));
    try (var providers = new Providers(List.of(settings), clock)) {
      for (Reason reason :
          List.of(Reason.RATE_LIMITED, Reason.RATE_LIMITED, Reason.QUOTA_EXHAUSTED)) {
        server.enqueue(limited().build());
        assertThat(ask(providers).reason()).isEqualTo(reason);
      }
      // Which is believed for a while.
      clock.pass(BreakerRules.DEFAULT.trippedOpen().plusMillis(1));
      server.enqueue(limited().addHeader("retry-after", "3").build());
      assertThat(ask(providers).reason()).isEqualTo(Reason.RATE_LIMITED);
      server.enqueue(limited().build());
      assertThat(ask(providers).reason()).isEqualTo(Reason.RATE_LIMITED);
    }
  }

  @Test
  void othersMayForgetTheWaitAsOftenAsTheyLike() {
    var settings = Presets.named("compatible").at("p", server.url("/").toString(), null);
    try (var providers = new Providers(List.of(settings), InstantSource.system())) {
      for (int i = 0; i < 5; i++) {
        server.enqueue(limited().build());
        assertThat(ask(providers).reason()).isEqualTo(Reason.RATE_LIMITED);
      }
    }
  }

  @Test
  void aResetStandsForAMissingWait() {
    server.enqueue(
        limited()
            .addHeader("x-ratelimit-remaining-requests", "0")
            .addHeader("x-ratelimit-reset-requests", "1m30s")
            .build());
    assertThat(call("openai", null).advice())
        .isEqualTo(new Advice(Duration.ofSeconds(90), Advice.Wish.UNSAID));
  }

  @Test
  void whatCannotBeSaidIsNotSent() {
    var failed =
        call(Presets.named("deepseek").at("p", server.url("/").toString(), null), null, true);
    assertThat(failed.reason()).isEqualTo(Reason.UNSUPPORTED);
    assertThat(failed.message()).contains("embeddings").contains("nothing was called");
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void theKeyGoesWhereTheProviderWantsIt() throws InterruptedException {
    var own =
        Presets.read(
            "test",
            """
            {"a": {"auth": "query:key", "extra_query": {"v": "1"}, "extra_headers": {"X-A": "b"}},
             "b": {"auth": "none"}}
            """);
    String url = server.url("/").toString();
    for (Preset preset :
        List.of(
            Presets.named("openai"),
            Presets.named("azure"),
            Presets.named("azure-deployments"),
            Presets.named("anthropic"),
            own.get("a"),
            own.get("b"))) {
      server.enqueue(new MockResponse.Builder().code(500).build());
      call(preset.at("p", url, new ApiKey("sk-1")), null);
    }
    assertThat(take().getHeaders().get("Authorization")).isEqualTo("Bearer sk-1");
    assertThat(take().getHeaders().get("api-key")).isEqualTo("sk-1");
    var deployed = take();
    assertThat(deployed.getHeaders().get("api-key")).isEqualTo("sk-1");
    assertThat(deployed.getTarget())
        .isEqualTo("/deployments/m/chat/completions?api-version=2024-10-21");
    var anthropic = take();
    assertThat(anthropic.getHeaders().get("x-api-key")).isEqualTo("sk-1");
    assertThat(anthropic.getHeaders().get("anthropic-version")).isEqualTo("2023-06-01");
    var queried = take();
    assertThat(queried.getTarget()).isEqualTo("/chat/completions?v=1&key=sk-1");
    assertThat(queried.getHeaders().get("X-A")).isEqualTo("b");
    assertThat(queried.getHeaders().get("Authorization")).isNull();
    assertThat(take().getHeaders().get("Authorization")).isNull();
  }

  private RecordedRequest take() throws InterruptedException {
    var request = server.takeRequest(5, TimeUnit.SECONDS);
    assertThat(request).isNotNull();
    return request;
  }

  private static MockResponse.Builder limited() {
    return new MockResponse.Builder()
        .code(429)
        .body("{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"x\"}}");
  }

  /** So many megabytes of white space, packed. */
  private static MockResponse.Builder bomb(int megabytes) throws IOException {
    var packed = new Buffer();
    try (var sink = Okio.buffer(new GzipSink(packed))) {
      for (int i = 0; i < megabytes; i++) {
        sink.writeUtf8(" ".repeat(1024 * 1024));
      }
    }
    return new MockResponse.Builder().body(packed);
  }

  private Result.Failed call(String preset, @Nullable DeltaSink sink) {
    return call(Presets.named(preset).at("p", server.url("/v1").toString(), null), sink);
  }

  private static Result.Failed call(ProviderSettings settings, @Nullable DeltaSink sink) {
    return call(settings, sink, false);
  }

  private static Result.Failed call(
      ProviderSettings settings, @Nullable DeltaSink sink, boolean embeddings) {
    try (var providers = new Providers(List.of(settings), InstantSource.system())) {
      var asked = aRequest().saying("user", "Hello");
      var request = embeddings ? asked.embedding("'a'").now() : asked.now();
      var result = providers.call(new Candidate("p", "m"), request, null, LONG, new Line(), sink);
      assertThat(result).isInstanceOf(Result.Failed.class);
      return (Result.Failed) result;
    }
  }

  private static Result.Failed ask(Providers providers) {
    return (Result.Failed)
        providers.call(new Candidate("p", "m"), aRequest().saying("user", "Hello").now(), LONG);
  }
}
