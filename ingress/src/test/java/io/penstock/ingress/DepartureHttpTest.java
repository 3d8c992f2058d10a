package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that leave before they are answered. */
@ExtendWith(Penstock.Extension.class)
class DepartureHttpTest {
  private static Penstock penstock;
  private static Http cancelling;
  private static Http draining;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    StreamHttpTest.start(shared);
    cancelling = StreamHttpTest.ingress(Disconnect.CANCEL);
    draining = StreamHttpTest.ingress(Disconnect.DRAIN);
  }

  @AfterAll
  static void stop() {
    cancelling.close();
    draining.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/inference", "/v1/inference?stream=true"})
  void theRequestOfACallerThatLeavesIsWithdrawn(String path) throws IOException {
    String prompt = "hold and leave " + path;
    try (var caller = connect(cancelling)) {
      send(caller, post(path, prompt, ""));
      dispatched(prompt);
    }
    String id = dispatched(prompt);
    Awaitility.await().until(() -> penstock.topology.isWithdrawn(id));
  }

  @Test
  void theRequestOfACallerThatLeavesInMidStreamIsWithdrawn() throws IOException {
    String prompt = "half:begun and left|";
    try (var caller = connect(cancelling)) {
      send(caller, post("/v1/inference?stream=true", prompt, ""));
      assertThat(readUntil(reader(caller), "event: delta")).isNotEmpty();
    }
    String id = dispatched(prompt);
    Awaitility.await().until(() -> penstock.topology.isWithdrawn(id));
  }

  @Test
  void whereRequestsAreDrainedTheyGoOnWithoutTheirCaller() throws IOException {
    String prompt = "hold and drain";
    try (var caller = connect(draining)) {
      send(caller, post("/v1/inference?stream=true", prompt, ""));
      assertThat(readUntil(reader(caller), ":")).isNotEmpty();
    }
    String id = dispatched(prompt);
    // What another one withdraws after it has left shows that this one would have been seen.
    theRequestOfACallerThatLeavesIsWithdrawn("/v1/inference?drained");
    penstock.topology.release(id);
    Awaitility.await()
        .until(() ->
            draining.get("/v1/requests/" + id).json().path("status").asText().equals("answered"));
    assertThat(penstock.topology.isWithdrawn(id)).isFalse();
  }

  @Test
  void whatStandsUnderAnIdempotencyKeyIsNotWithdrawn() throws IOException {
    String prompt = "hold under a key";
    try (var caller = connect(cancelling)) {
      send(caller, post("/v1/inference", prompt, "Idempotency-Key: leaves\r\n"));
      dispatched(prompt);
    }
    String id = dispatched(prompt);
    theRequestOfACallerThatLeavesIsWithdrawn("/v1/inference?keyed");
    penstock.topology.release(id);
    assertThat(penstock.topology.isWithdrawn(id)).isFalse();
  }

  @Test
  void aRequestThatIsSentWhileAnotherIsAnsweredIsNotLost() throws IOException {
    try (var caller = connect(cancelling)) {
      var reader = reader(caller);
      send(caller, post("/v1/inference", "hold first", ""));
      String first = dispatched("hold first");
      send(caller, post("/v1/inference", "sent meanwhile", ""));
      penstock.topology.release(first);
      assertThat(readUntil(reader, "\"text\"")).contains("\"text\":\"released\"");
      assertThat(readUntil(reader, "\"text\"")).contains("answer to sent meanwhile");
      send(caller, post("/v1/inference", "and one more", ""));
      assertThat(readUntil(reader, "\"text\"")).contains("answer to and one more");
    }
  }

  @Test
  void requestsThatAreSentAllAtOnceAreAnsweredInTheirOrder() throws IOException {
    try (var caller = connect(cancelling)) {
      var requests = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        requests.append(post("/v1/inference", "pipelined " + i, ""));
      }
      send(caller, requests.toString());
      var reader = reader(caller);
      for (int i = 0; i < 20; i++) {
        assertThat(readUntil(reader, "\"text\"")).contains("\"answer to pipelined " + i + "\"");
      }
    }
  }

  @Test
  void aConnectionIsGoodForManyRequestsOneAfterTheOther() throws IOException {
    try (var caller = connect(cancelling)) {
      var reader = reader(caller);
      for (int i = 0; i < 50; i++) {
        send(caller, post("/v1/inference", "sequential " + i, ""));
        assertThat(readUntil(reader, "\"text\"")).contains("\"answer to sequential " + i + "\"");
      }
    }
  }

  private static String dispatched(String prompt) {
    Awaitility.await().until(() -> !penstock.topology.dispatched(prompt).isEmpty());
    return penstock.topology.dispatched(prompt).getFirst().getId();
  }

  private static String post(String path, String prompt, String headers) {
    String body = "{\"prompt\":\"" + prompt + "\",\"deadline_ms\":60000}";
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: x\r\n"
        + headers
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static Socket connect(Http http) throws IOException {
    var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), http.port());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  /** What comes up to and including some text; JSON documents end with a brace. */
  private static String readUntil(BufferedReader reader, String text) throws IOException {
    var read = new StringBuilder();
    int open = 0;
    boolean found = false;
    for (int c = reader.read(); c >= 0; c = reader.read()) {
      read.append((char) c);
      open += c == '{' ? 1 : c == '}' ? -1 : 0;
      found |= read.indexOf(text, Math.max(0, read.length() - text.length())) >= 0;
      if (found && open == 0) {
        return read.toString();
      }
    }
    throw new IOException("it ended after " + read);
  }
}
