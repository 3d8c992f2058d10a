package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.client.ClientSettings;
import io.penstock.client.PenstockClient;
import io.penstock.ingress.status.StatusIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The moment in which a caller is told the end, which passes too quickly on a real socket. */
@ExtendWith(Penstock.Extension.class)
class StreamSocketEndTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> told = new CopyOnWriteArrayList<>();
  private final List<Callback> notTaken = new CopyOnWriteArrayList<>();
  private volatile Runnable reading = () -> {}; // what the caller does when it reads the end

  @Test
  void aRefIsFreeAsSoonAsItsCallerHearsTheEnd(Penstock penstock) {
    try (var opened = new Opened()) {
      var socket = socket(penstock, opened);
      // The caller reads the end, and asks again, before we know that it is sent.
      reading =
          () -> {
            reading = () -> {};
            Thread.ofVirtual().start(() -> socket.said(asking("the second by this ref")));
            Awaitility.await()
                .until(() -> penstock.topology.dispatched("the second by this ref").size() == 1);
          };
      socket.said(asking("the first by this ref"));
      Awaitility.await().until(() -> notTaken.size() == 1);
      notTaken.getFirst().succeed();
      Awaitility.await().until(() -> notTaken.size() == 2);
      assertThat(told)
          .map(StreamSocketEndTest::type)
          .containsExactly("accepted", "delta", "done", "accepted", "delta", "done");
      assertThat(socket.idle()).as("before the caller took it").isFalse();
      notTaken.getLast().succeed();
      Awaitility.await().until(socket::idle);
    }
  }

  private StreamSocket socket(Penstock penstock, Opened opened) {
    String name = Penstock.newName();
    var clock = InstantSource.system();
    var client =
        opened.add(PenstockClient.start(ClientSettings.of(name), penstock.kafka, penstock.topics));
    var status =
        opened.add(
            StatusIndex.start(
                name + "-status",
                penstock.kafka,
                penstock.broker.admin(),
                penstock.topics.responses(),
                penstock.directory(name)));
    var waits = new Waits(opened.add(new Deadlines()));
    var sending =
        new Sending(client, status, waits, clock, IngressSettings.LONGEST_WAIT, Disconnect.DRAIN);
    var desk =
        new InferenceHandler.Desk(
            new Intake(penstock.admission),
            new BodyRoom(Bounds.usual().bodyBytes()),
            sending,
            waits,
            status,
            new Timings(new SimpleMeterRegistry()),
            clock,
            IngressSettings.PULSE);
    var everybody = ApiKeys.none().caller(null, null).orElseThrow();
    return new StreamSocket(everybody, desk, new Outbox(session(), Penstock.SOON));
  }

  /** A socket whose other end takes everything at once but the ends. */
  private Session session() {
    return (Session)
        Proxy.newProxyInstance(
            Session.class.getClassLoader(),
            new Class<?>[] {Session.class},
            (_, method, arguments) -> {
              if (method.getName().equals("sendText")) {
                var message = (String) arguments[0];
                var callback = (Callback) arguments[1];
                told.add(message);
                if (type(message).equals("done")) {
                  reading.run();
                  notTaken.add(callback);
                } else {
                  callback.succeed();
                }
              }
              return null;
            });
  }

  private static String asking(String prompt) {
    return "{\"type\":\"ask\",\"ref\":\"again\",\"request\":{\"prompt\":\""
        + prompt
        + "\",\"deadline_ms\":600000}}";
  }

  private static String type(String message) {
    try {
      JsonNode json = JSON.readTree(message);
      return json.get("type").asText();
    } catch (IOException e) {
      throw new UncheckedIOException("no JSON: " + message, e);
    }
  }
}
