package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(Penstock.Extension.class)
class StreamSocketTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static Penstock penstock;
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    http = shared.ingress();
  }

  @Test
  void anAnswerIsToldPieceByPiece() throws Exception {
    try (var caller = new Caller(http)) {
      caller.ask("a", "pieces:one|two");
      JsonNode accepted = caller.next();
      assertThat(accepted.get("type").asText()).isEqualTo("accepted");
      var told = new StringBuilder();
      JsonNode message = caller.next();
      for (; message.get("type").asText().equals("delta"); message = caller.next()) {
        told.append(message.at("/delta/text").asText());
      }
      assertThat(told.toString()).isEqualTo("onetwo");
      assertThat(message.get("type").asText()).isEqualTo("done");
      assertThat(message.get("ref").asText()).isEqualTo("a");
      assertThat(message.at("/response/id").asText()).isEqualTo(accepted.get("id").asText());
      assertThat(message.at("/response/text").asText()).isEqualTo("onetwo");
      assertThat(message.at("/response/cost_usd").asText()).isEqualTo("0.00000125");
    }
  }

  @Test
  void manyAreUnderWayAtOnceAndEachKnowsItsOwn() throws Exception {
    try (var caller = new Caller(http)) {
      for (int i = 0; i < 50; i++) {
        caller.ask("r" + i, "pieces:socket |" + i);
      }
      Map<String, String> told = new HashMap<>();
      var done = new HashSet<String>();
      while (done.size() < 50) {
        JsonNode message = caller.next();
        String ref = message.get("ref").asText();
        switch (message.get("type").asText()) {
          case "delta" -> told.merge(ref, message.at("/delta/text").asText(), String::concat);
          case "done" -> done.add(ref);
          default -> assertThat(message.get("type").asText()).isEqualTo("accepted");
        }
      }
      for (int i = 0; i < 50; i++) {
        assertThat(told).containsEntry("r" + i, "socket " + i);
      }
    }
  }

  @Test
  void whatIsCancelledIsWithdrawnAndItsCallerTold() throws Exception {
    try (var caller = new Caller(http)) {
      caller.ask("c", "hold for the socket");
      String id = caller.next().get("id").asText();
      caller.say("{\"type\":\"cancel\",\"ref\":\"c\"}");
      JsonNode error = caller.next();
      assertThat(error.get("type").asText()).isEqualTo("error");
      assertThat(error.at("/error/code").asText()).isEqualTo("withdrawn");
      assertThat(error.at("/error/id").asText()).isEqualTo(id);
      Awaitility.await().until(() -> penstock.topology.isWithdrawn(id));
      caller.say("{\"type\":\"cancel\",\"ref\":\"c\"}");
      assertThat(caller.next().at("/error/code").asText()).isEqualTo("not_found");
    }
  }

  @Test
  void aFailureIsToldWithItsReason() throws Exception {
    try (var caller = new Caller(http)) {
      caller.ask("f", "limited:rate_limited");
      caller.next();
      JsonNode error = caller.next();
      assertThat(error.at("/error/code").asText()).isEqualTo("rate_limited");
      assertThat(error.at("/error/retry_after_ms").asLong()).isEqualTo(1_500);
      assertThat(error.at("/error/remaining_usd").asText()).isEqualTo("0.00025");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nonsense||malformed_json",
        "[]||wrong_type",
        "{\"type\":\"ask\",\"request\":{\"prompt\":\"x\"}}||invalid_value",
        "{\"type\":\"ask\",\"ref\":\"w\"}|w|missing_field",
        "{\"type\":\"sing\",\"ref\":\"w\"}|w|invalid_value",
        "{\"type\":\"ask\",\"ref\":\"w\",\"request\":{\"colour\":1}}|w|unknown_field",
        "{\"type\":\"ask\",\"ref\":\"w\",\"request\":{\"prompt\":\"\"}}|w|empty_prompt",
        "{\"type\":\"ask\",\"ref\":\"w\",\"odd\":1,\"request\":{\"prompt\":\"x\"}}|w|unknown_field",
      })
  void aMistakeIsToldAndTheSocketGoesOn(String message, String ref, String code) throws Exception {
    try (var caller = new Caller(http)) {
      caller.say(message);
      JsonNode error = caller.next();
      assertThat(error.get("type").asText()).isEqualTo("error");
      assertThat(error.get("ref").isNull() ? null : error.get("ref").asText()).isEqualTo(ref);
      assertThat(error.at("/error/code").asText()).as(error.toString()).isEqualTo(code);
      caller.ask("next", "goes on");
      assertThat(caller.next().get("type").asText()).isEqualTo("accepted");
    }
  }

  @Test
  void aRefThatIsInUseIsRefused() throws Exception {
    try (var caller = new Caller(http)) {
      caller.ask("twice", "hold once");
      String id = caller.next().get("id").asText();
      caller.ask("twice", "never sent over the socket");
      assertThat(caller.next().at("/error/field").asText()).isEqualTo("ref");
      assertThat(penstock.topology.dispatched("never sent over the socket")).isEmpty();
      Awaitility.await().until(() -> !penstock.topology.dispatched("hold once").isEmpty());
      penstock.topology.release(id);
    }
  }

  @Test
  void noMoreThanSoManyAreUnderWayAtOnce() throws Exception {
    try (var caller = new Caller(http)) {
      for (int i = 0; i <= StreamSocket.MOST_UNDER_WAY; i++) {
        caller.ask("m" + i, "hold of many " + i);
      }
      var ids = new ArrayList<String>();
      JsonNode refused = JSON.createObjectNode();
      for (int i = 0; i <= StreamSocket.MOST_UNDER_WAY; i++) {
        JsonNode message = caller.next();
        if (message.get("type").asText().equals("accepted")) {
          ids.add(message.get("id").asText());
        } else {
          refused = message;
        }
      }
      assertThat(ids).hasSize(StreamSocket.MOST_UNDER_WAY);
      assertThat(refused.path("ref").asText()).isEqualTo("m" + StreamSocket.MOST_UNDER_WAY);
      assertThat(refused.at("/error/code").asText()).isEqualTo("overloaded");
      Awaitility.await()
          .until(() -> penstock.topology.dispatchedLike("hold of many") == ids.size());
      ids.forEach(penstock.topology::release);
    }
  }

  @Test
  void aMessageBeyondTheBoundClosesTheSocket() throws Exception {
    try (var caller = new Caller(http)) {
      String prompt = "x".repeat(StreamSockets.LARGEST_MESSAGE_BYTES);
      assertThatThrownBy(
              () -> {
                caller.ask("large", prompt);
                caller.next();
              })
          .satisfiesAnyOf(
              e -> assertThat(e).hasMessageContaining("closed 1009"),
              e -> assertThat(e).isInstanceOf(CompletionException.class));
      assertThat(caller.closed()).isEqualTo(1009);
    }
  }

  @Test
  void whenTheInstanceStopsWhatIsUnderWayEndsWithAnErrorAndTheSocketIsClosed() throws Exception {
    var stopping = penstock.unhurried();
    try (var caller = new Caller(stopping)) {
      caller.ask("s", "hold while it stops");
      String id = caller.next().get("id").asText();
      stopping.close();
      JsonNode error = caller.next();
      assertThat(error.at("/error/code").asText()).isEqualTo("unavailable");
      assertThat(error.at("/error/message").asText()).contains(id);
      assertThat(caller.closed()).isEqualTo(Outbox.GOING_AWAY);
    }
  }

  @Test
  void withoutAKeyThereIsNoSocket() {
    String name = Penstock.newName();
    var locked =
        penstock.ingress(
            new IngressSettings(
                name,
                IngressSettings.LOOPBACK,
                0,
                penstock.directory(name),
                IngressSettings.LONGEST_WAIT,
                IngressSettings.DELIVERY_TIMEOUT,
                ApiKeys.of(Map.of("key-of-acme", "acme"))),
            "x-api-key",
            "key-of-acme");
    assertThat(refusal(locked, List.of())).isEqualTo(401);
    assertThat(refusal(locked, List.of("x-api-key", "nonsense"))).isEqualTo(401);
    try (var caller = new Caller(locked, "Authorization", "Bearer key-of-acme")) {
      caller.ask("k", "with a key over the socket");
      assertThat(caller.next().get("type").asText()).isEqualTo("accepted");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aPageOfAnotherOriginIsRefused() {
    assertThat(StreamSockets.fromElsewhere(null, "127.0.0.1:8080")).isFalse();
    assertThat(StreamSockets.fromElsewhere("http://127.0.0.1:8080", "127.0.0.1:8080")).isFalse();
    assertThat(StreamSockets.fromElsewhere("http://evil.example", "127.0.0.1:8080")).isTrue();
    assertThat(StreamSockets.fromElsewhere("http://127.0.0.1:9999", "127.0.0.1:8080")).isTrue();
    assertThat(StreamSockets.fromElsewhere("null", "127.0.0.1:8080")).isTrue();
    assertThat(StreamSockets.fromElsewhere("http://%zz", "127.0.0.1:8080")).isTrue();
    assertThat(refusal(http, List.of("Origin", "http://evil.example"))).isIn(401, 403);
  }

  private static int refusal(Http http, List<String> headers) {
    try (var _ = new Caller(http, headers.toArray(String[]::new))) {
      throw new AssertionError("it was let in");
    } catch (CompletionException e) {
      return e.getCause() instanceof WebSocketHandshakeException refused
          ? refused.getResponse().statusCode()
          : -1;
    }
  }

  /** One caller with its socket. */
  private static final class Caller implements WebSocket.Listener, AutoCloseable {
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final LinkedBlockingQueue<Object> come = new LinkedBlockingQueue<>();
    private final StringBuilder parts = new StringBuilder();

    Caller(Http http, String... headers) {
      var builder = client.newWebSocketBuilder();
      for (int i = 0; i < headers.length; i += 2) {
        builder.header(headers[i], headers[i + 1]);
      }
      socket =
          builder
              .buildAsync(URI.create("ws://127.0.0.1:" + http.port() + "/v1/stream"), this)
              .join();
    }

    void ask(String ref, String prompt) {
      say(
          "{\"type\":\"ask\",\"ref\":\""
              + ref
              + "\",\"request\":{\"prompt\":\""
              + prompt
              + "\",\"deadline_ms\":60000}}");
    }

    void say(String message) {
      socket.sendText(message, true).join();
    }

    JsonNode next() throws InterruptedException, IOException {
      Object next = come.poll(60, TimeUnit.SECONDS);
      if (next instanceof String message) {
        return JSON.readTree(message);
      }
      if (next != null) {
        come.add(next);
      }
      throw new IOException("closed " + next);
    }

    int closed() throws InterruptedException {
      Object next = come.poll(60, TimeUnit.SECONDS);
      while (next instanceof String) {
        next = come.poll(60, TimeUnit.SECONDS);
      }
      return next instanceof Integer status ? status : -1;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      parts.append(data);
      if (last) {
        come.add(parts.toString());
        parts.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
      come.add(statusCode);
      return null;
    }

    @Override
    public void close() {
      socket.abort();
      client.shutdownNow();
    }
  }
}
