package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.testing.Stalls;
import io.penstock.policies.Reason;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Limits;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.InferenceRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams over a socket, whose other end does as it likes. */
class StreamingTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final List<Delta> pieces = new CopyOnWriteArrayList<>();
  private final Line line = new Line();
  private ServerSocket server;

  /** What the server does once it has the question. */
  interface Behaviour {
    void on(Peer peer) throws IOException, InterruptedException;
  }

  /** The server's end of a connection. */
  record Peer(Socket socket, OutputStream out) {
    void raw(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    void chunk(String text) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      raw(Integer.toHexString(bytes.length) + "\r\n" + text + "\r\n");
    }

    void data(String singleQuoted) throws IOException {
      chunk("data: " + singleQuoted.replace('\'', '"') + "\n\n");
    }

    void end() throws IOException {
      raw("0\r\n\r\n");
    }

    /** Waits until the client has hung up. */
    void awaitHangUp() throws IOException {
      socket.setSoTimeout((int) LONG.toMillis());
      while (socket.getInputStream().read() >= 0) {
        // More than the question is never said.
      }
    }
  }

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  @Test
  void aPieceIsHandedOnBeforeTheNextIsThere() {
    var first = new CountDownLatch(1);
    serve(peer -> {
      peer.raw(HEAD);
      peer.data(Streams.chunk("{'content':'Par'}"));
      first.await();
      peer.data(Streams.chunk("{'content':'is.'}"));
      peer.data(Streams.finish("stop"));
      peer.data(Streams.usage(9, 2));
      peer.chunk("data: [DONE]\n\n");
      peer.end();
    });
    var result =
        call(
            LONG,
            read -> {
              pieces.addAll(read);
              first.countDown();
            });
    assertThat(result)
        .isEqualTo(
            new Result.Answered(
                Answers.text("Paris.", "stop"), Asked.bill("m-1", Tokens.plain(9, 2))));
    assertThat(pieces.stream().map(Delta::getText)).containsExactly("Par", "is.");
  }

  @Test
  void aStreamThatIsCutIsTruncatedAndCounted() {
    serve(peer -> {
      peer.raw(HEAD);
      peer.data(Streams.chunk("{'content':'Paris is a'}"));
      peer.chunk("data: {\"choices\":[{\"ind");
      peer.socket.close();
    });
    var failed = failure(call(LONG));
    assertThat(failed.reason()).isEqualTo(Reason.ANSWER_TRUNCATED);
    assertThat(failed.bill().counted()).isNotNull().extracting(Tokens::output).isEqualTo(3L);
  }

  @Test
  void aStreamThatEndsCleanlyInTheMiddleIsTruncatedAllTheSame() {
    serve(peer -> {
      peer.raw(HEAD);
      peer.data(Streams.chunk("{'content':'Paris is a'}"));
      peer.chunk("data: {\"choices\":[{\"ind");
      peer.end();
    });
    assertThat(failure(call(LONG)).reason()).isEqualTo(Reason.ANSWER_TRUNCATED);
  }

  @Test
  void anAnswerWhoseConnectionBreaksBehindItsLastWordIsOne() {
    serve(peer -> {
      peer.raw(HEAD);
      peer.data(Streams.chunk("{'content':'Hi'}"));
      peer.data(Streams.finish("stop"));
      peer.socket.close();
    });
    assertThat(call(LONG)).isInstanceOf(Result.Answered.class);
  }

  @Test
  void aServerThatForgetsToHangUpIsNotWaitedFor() {
    serve(peer -> {
      peer.raw(HEAD);
      peer.data(Streams.chunk("{'content':'Hi'}"));
      peer.data(Streams.finish("stop"));
      peer.awaitHangUp();
    });
    try (var stalls = new Stalls()) {
      assertThat(call(LONG)).isInstanceOf(Result.Answered.class);
      assertThat(stalls.running()).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void aSlowLorisIsGivenUpInTime() {
    // On a slow machine so little time may be over before the first piece is there.
    for (var given = Duration.ofMillis(500); pieces.isEmpty(); given = given.multipliedBy(3)) {
      assertThat(given).as("no piece ever came").isLessThan(SOON);
      serve(peer -> {
        peer.raw(HEAD);
        peer.data(Streams.chunk("{'content':'Hi'}"));
        while (true) {
          peer.chunk(":\n");
          Thread.sleep(50);
        }
      });
      try (var stalls = new Stalls()) {
        var failed = failure(call(given));
        assertThat(stalls.running()).isLessThan(given.plusSeconds(3));
        if (!pieces.isEmpty()) {
          assertThat(failed.reason()).isEqualTo(Reason.PROVIDER_TIMEOUT);
          assertThat(failed.bill().counted()).isNotNull();
        }
      }
    }
  }

  @Test
  void aSilentStreamIsGivenUpAfterItsIdleTime() {
    serve(peer -> {
      peer.raw(HEAD);
      peer.data(Streams.chunk("{'content':'Hi'}"));
      peer.awaitHangUp();
    });
    var impatient =
        Presets.read("test", "{\"x\":{\"like\":\"compatible\",\"timeouts\":{\"idle\":\"1s\"}}}")
            .get("x");
    assertThat(impatient).isNotNull();
    assertThat(failure(call(impatient, LONG, pieces::addAll, request())).reason())
        .isEqualTo(Reason.PROVIDER_TIMEOUT);
  }

  @Test
  void whoHangsUpIsHeardAtOnceAndTheProviderToo() throws Exception {
    var heard = new CompletableFuture<Boolean>();
    serve(peer -> {
      peer.raw(HEAD);
      peer.data(Streams.chunk("{'content':'Paris is a'}"));
      peer.awaitHangUp();
      heard.complete(true);
    });
    var result = CompletableFuture.supplyAsync(() -> call(LONG));
    await().atMost(LONG).until(() -> !pieces.isEmpty());
    try (var stalls = new Stalls()) {
      line.hangUp();
      var failed = failure(result.get());
      assertThat(failed.reason()).isEqualTo(Reason.WITHDRAWN);
      assertThat(failed.bill().counted()).isNotNull().extracting(Tokens::output).isEqualTo(3L);
      assertThat(heard.get()).isTrue();
      assertThat(stalls.running()).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void whoHangsUpOnAPlainCallIsHeardToo() throws Exception {
    var asked = new CountDownLatch(1);
    serve(peer -> {
      asked.countDown();
      peer.awaitHangUp();
    });
    var result = CompletableFuture.supplyAsync(() -> call(LONG, null));
    asked.await();
    try (var stalls = new Stalls()) {
      line.hangUp();
      assertThat(failure(result.get()).reason()).isEqualTo(Reason.WITHDRAWN);
      assertThat(stalls.running()).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void onALineThatIsHungUpNothingIsCalled() {
    line.hangUp();
    var failed = failure(call(LONG));
    assertThat(failed.reason()).isEqualTo(Reason.WITHDRAWN);
    assertThat(failed.message()).contains("nothing was called");
    assertThat(failed.bill().counted()).isEqualTo(Tokens.plain(0, 0));
  }

  @Test
  void anEndlessAnswerIsCutOffInBoundedMemory() {
    String piece = Streams.chunk("{'content':'" + "x".repeat(64 * 1024) + "'}");
    serve(peer -> {
      peer.raw(HEAD);
      while (true) {
        peer.data(piece);
      }
    });
    var failed = failure(call(LONG, read -> {}));
    assertThat(failed.reason()).isEqualTo(Reason.ANSWER_TOO_LARGE);
  }

  @Test
  void anEndlessEventIsCutOff() {
    serve(peer -> {
      peer.raw(HEAD);
      peer.chunk("data: ");
      while (true) {
        peer.chunk("x".repeat(64 * 1024));
      }
    });
    assertThat(failure(call(LONG)).reason()).isEqualTo(Reason.ANSWER_TOO_LARGE);
  }

  @Test
  void aTenMegabyteAnswerIsNotKept() {
    int size = 10 * 1024 * 1024;
    assertThat(size).isGreaterThan(Limits.LARGEST_TEXT_BYTES);
    serve(peer -> {
      peer.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
      peer.raw("{\"choices\":[{\"message\":{\"content\":\"");
      for (int i = 0; i < 10; i++) {
        peer.raw("x".repeat(size / 10));
      }
      peer.raw(
          "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":9}}");
      peer.socket.close();
    });
    var failed = failure(call(LONG, null));
    assertThat(failed.reason()).isEqualTo(Reason.ANSWER_TOO_LARGE);
    assertThat(failed.bill().usage()).as("billed all the same").isEqualTo(Tokens.plain(1, 9));
  }

  @Test
  void brokenChunkedEncodingIsAFailure() {
    serve(peer -> {
      peer.raw(HEAD);
      peer.data(Streams.chunk("{'content':'Hi'}"));
      peer.raw("zzzz\r\nwhat?\r\n");
      peer.socket.close();
    });
    assertThat(failure(call(LONG)).reason()).isEqualTo(Reason.ANSWER_TRUNCATED);
  }

  @Test
  void bytesThatAreNoHttpAreAFailure() {
    serve(peer -> {
      peer.raw("\u0000\u0001garbage\r\n\r\n");
      peer.socket.close();
    });
    assertThat(failure(call(LONG)).reason()).isEqualTo(Reason.ANSWER_TRUNCATED);
  }

  @Test
  void aServerThatAnswersWholeIsUnderstoodToo() {
    serve(peer -> {
      String body =
          "{\"model\":\"m-1\",\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],"
              + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}";
      peer.raw(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
    });
    assertThat(call(LONG))
        .isEqualTo(
            new Result.Answered(Answers.text("Hi", "stop"), Asked.bill("m-1", Tokens.plain(3, 4))));
    assertThat(pieces.stream().map(Delta::getText)).containsExactly("Hi");
  }

  @Test
  void aRefusalOfAStreamIsOneOfTheTable() {
    serve(peer -> {
      String body = "{\"error\":{\"type\":\"overloaded_error\"}}";
      peer.raw("HTTP/1.1 529 Busy\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    });
    assertThat(failure(call(LONG)).reason()).isEqualTo(Reason.PROVIDER_OVERLOADED);
  }

  @Test
  void aPageInsteadOfAStreamIsGarbled() {
    serve(peer -> {
      peer.raw(
          "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>");
    });
    assertThat(failure(call(LONG)).reason()).isEqualTo(Reason.ANSWER_GARBLED);
  }

  private void serve(Behaviour behaviour) {
    Thread.ofVirtual()
        .start(() -> {
          try (Socket socket = server.accept()) {
            RawQuestion.read(socket.getInputStream());
            behaviour.on(new Peer(socket, socket.getOutputStream()));
          } catch (IOException e) {
            // The client hung up, as it may.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private Result call(Duration timeout) {
    return call(timeout, pieces::addAll);
  }

  private Result call(Duration timeout, @Nullable DeltaSink sink) {
    return call(Presets.named("compatible"), timeout, sink, request());
  }

  private Result call(
      Preset preset, Duration timeout, @Nullable DeltaSink sink, InferenceRequest request) {
    var settings = preset.at("p", "http://127.0.0.1:" + server.getLocalPort() + "/v1", null);
    try (var providers = new Providers(List.of(settings), InstantSource.system())) {
      return providers.call(new Candidate("p", "m"), request, null, timeout, line, sink);
    }
  }

  private static InferenceRequest request() {
    return aRequest().saying("user", "Hello").now();
  }

  private static Result.Failed failure(Result result) {
    assertThat(result).isInstanceOf(Result.Failed.class);
    return (Result.Failed) result;
  }
}
