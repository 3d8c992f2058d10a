package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.limit.LimitRules;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.InferenceRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A server nearby that hangs up behind a stream though it promised not to, as llama-server does:
 * whatever is sent on that connection is lost. Connections are kept for ever, so that no pause of
 * the machine hides one that is used again.
 */
class HangingUpTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration NEVER = Duration.ofDays(1);
  private static final InferenceRequest REQUEST = aRequest().saying("user", "Hello").now();
  private static final String STREAM =
      "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n"
          + "data: [DONE]\n\n";
  private static final String PLAIN =
      "{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";

  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicBoolean reused = new AtomicBoolean();
  private final CountDownLatch answered = new CountDownLatch(1);
  private final CountDownLatch hungUp = new CountDownLatch(1);
  private ServerSocket server;

  /** How a response says where it ends. */
  enum Framing {
    LENGTH,
    CHUNKS
  }

  /** What happens to the connection behind a stream. */
  enum Behind {
    /** It is closed as soon as anything more comes. */
    TRAP,
    /** It is closed when the client has the answer, before it asks again. */
    CLOSED
  }

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"LENGTH, TRAP", "CHUNKS, TRAP", "LENGTH, CLOSED", "CHUNKS, CLOSED"})
  void noCallIsMadeOnAConnectionBehindAStream(Framing framing, Behind behind)
      throws InterruptedException {
    Thread.ofVirtual().start(() -> serve(framing, behind));
    var settings =
        ProviderSettings.openAi("p", "http://127.0.0.1:" + server.getLocalPort() + "/v1", null);
    try (var providers =
        new Providers(
            List.of(settings),
            BreakerRules.DEFAULT,
            LimitRules.DEFAULT,
            InstantSource.system(),
            NEVER)) {
      var candidate = new Candidate("p", "m");
      assertThat(providers.call(candidate, REQUEST, null, LONG, new Line(), deltas -> {}))
          .isInstanceOf(Result.Answered.class);
      answered.countDown();
      if (behind == Behind.CLOSED) {
        hungUp.await();
      }
      Result next = providers.call(candidate, REQUEST, LONG);
      assertThat(reused).isFalse();
      assertThat(next).isInstanceOf(Result.Answered.class);
      assertThat(connections).hasValue(2);
    }
  }

  private void serve(Framing framing, Behind behind) {
    try {
      Socket first = accept();
      RawQuestion.read(first.getInputStream());
      write(first, "text/event-stream", framing, STREAM);
      Thread.ofVirtual().start(() -> await(first, behind));
      try (Socket second = accept()) {
        RawQuestion.read(second.getInputStream());
        write(second, "application/json", Framing.LENGTH, PLAIN);
        var _ = second.getInputStream().read(); // Until the client hangs up.
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private Socket accept() throws IOException {
    Socket socket = server.accept();
    connections.incrementAndGet();
    return socket;
  }

  private void await(Socket socket, Behind behind) {
    try (socket) {
      switch (behind) {
        case TRAP -> reused.set(socket.getInputStream().read() >= 0);
        case CLOSED -> answered.await();
      }
    } catch (IOException e) {
      // The client hung up, in its own way.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    hungUp.countDown();
  }

  /** In one piece, so that no client has to wait for the end of it. */
  private static void write(Socket socket, String type, Framing framing, String body)
      throws IOException {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\n";
    String whole =
        switch (framing) {
          case LENGTH -> head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
          case CHUNKS ->
              head
                  + "Transfer-Encoding: chunked\r\n\r\n"
                  + Integer.toHexString(body.length())
                  + "\r\n"
                  + body
                  + "\r\n0\r\n\r\n";
        };
    socket.getOutputStream().write(whole.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
  }
}
