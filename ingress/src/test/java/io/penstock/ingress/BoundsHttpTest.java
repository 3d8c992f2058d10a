package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.ingress.json.Bodies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Penstock.Extension.class)
class BoundsHttpTest {
  private static final int PATIENCE_MS = 60_000;
  private static final int A_MOMENT_MS = 500;
  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";

  @Test
  void aBodyThatFindsNoRoomIsToldToComeBack(Penstock penstock) throws IOException {
    try (var http = ingress(penstock, new Bounds(Bodies.LARGEST_BATCH_BYTES, 100))) {
      try (var slow = connect(http)) {
        send(
            slow,
            "POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: "
                + Bodies.LARGEST_BATCH_BYTES
                + "\r\n\r\n");
        // More than half of it: room is taken for the rest as well.
        slow.getOutputStream().write(new byte[Bodies.LARGEST_BATCH_BYTES / 2 + 1]);
        var turnedAway =
            Awaitility.await()
                .until(() -> http.infer("{\"prompt\":\"small\"}"), got -> got.status() == 503);
        assertThat(turnedAway.error()).isEqualTo("overloaded");
        assertThat(turnedAway.header("Retry-After")).isPresent();
        assertThat(http.get("/health").status()).isEqualTo(200);
      }
      Awaitility.await().until(() -> http.infer("{\"prompt\":\"small\"}").status() == 200);
    }
  }

  @Test
  void aCallerThatWaitsForItsAnswerTakesNoRoomFromOthers(Penstock penstock) {
    try (var http = ingress(penstock, new Bounds(Bodies.LARGEST_BATCH_BYTES, 100))) {
      String escaped = "\\u0078".repeat(3 * 1024 * 1024); // 18 MiB that become 3
      var waiting = new ArrayList<CompletableFuture<Http.Got>>();
      for (int i = 0; i < 5; i++) {
        String prompt = "hold " + i + " of " + escaped;
        waiting.add(http.inferLater("{\"prompt\":\"" + prompt + "\",\"deadline_ms\":600000}"));
        int sent = i + 1;
        Awaitility.await()
            .until(() -> penstock.topology.dispatchedLike("of xxx"), count -> count == sent);
      }
      assertThat(waiting).noneMatch(CompletableFuture::isDone);
      waiting.forEach(one -> one.cancel(true));
    }
  }

  @Test
  void aConnectionBeyondTheBoundWaitsUntilAnotherIsClosed(Penstock penstock) throws IOException {
    try (var http = ingress(penstock, new Bounds(Bodies.LARGEST_BATCH_BYTES, 2));
        var stays = connect(http)) {
      Socket leaves = connect(http);
      for (Socket open : new Socket[] {stays, leaves}) {
        send(open, HEALTH);
        assertThat(answered(open, PATIENCE_MS)).isTrue();
      }
      try (var waits = connect(http)) {
        send(waits, HEALTH);
        assertThatThrownBy(() -> answered(waits, A_MOMENT_MS))
            .isInstanceOf(SocketTimeoutException.class);
        leaves.close();
        assertThat(answered(waits, PATIENCE_MS)).isTrue();
      }
    }
  }

  @Test
  void aBoundThatTheLargestBodyDoesNotFitIsRefused() {
    assertThatThrownBy(() -> new Bounds(1024, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1024");
    assertThat(Bounds.usual().bodyBytes()).isGreaterThanOrEqualTo(Bodies.LARGEST_BATCH_BYTES);
  }

  private static Http ingress(Penstock penstock, Bounds bounds) {
    String name = Penstock.newName();
    return penstock.ingress(
        new IngressSettings(
            name,
            IngressSettings.LOOPBACK,
            0,
            penstock.directory(name),
            IngressSettings.LONGEST_WAIT,
            IngressSettings.DELIVERY_TIMEOUT,
            ApiKeys.none(),
            bounds));
  }

  private static Socket connect(Http http) throws IOException {
    return new Socket(InetAddress.ofLiteral("127.0.0.1"), http.port());
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static boolean answered(Socket socket, int patienceMs) throws IOException {
    socket.setSoTimeout(patienceMs);
    return socket.getInputStream().read() == 'H';
  }
}
