package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final List<String> called = new CopyOnWriteArrayList<>();

  @Test
  void aReaderThatTakesNothingIsHungUpOnWithAReason() {
    var outbox = new Outbox(session(false), Duration.ofMillis(20));
    assertThatThrownBy(() -> outbox.send("one"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not keep up");
    assertThat(called).contains("close 1008 the reader does not keep up");
    assertThatThrownBy(() -> outbox.send("two")).hasMessageContaining("closed");
    assertThat(called).filteredOn(call -> call.startsWith("sendText")).hasSize(1);
  }

  @Test
  void whatIsTakenIsSentOneAfterTheOther() throws IOException {
    var outbox = new Outbox(session(true), Duration.ofSeconds(10));
    outbox.send("one");
    outbox.send("two");
    assertThat(called).containsExactly("sendText one", "sendText two");
  }

  /** A socket at whose other end somebody reads, or nobody. */
  private Session session(boolean reads) {
    return (Session)
        Proxy.newProxyInstance(
            Session.class.getClassLoader(),
            new Class<?>[] {Session.class},
            (_, method, arguments) -> {
              if (method.getName().equals("close")) {
                called.add("close " + arguments[0] + " " + arguments[1]);
              } else if (method.getName().startsWith("send")) {
                called.add(method.getName() + " " + arguments[0]);
                if (reads) {
                  ((Callback) arguments[1]).succeed();
                }
              }
              return null;
            });
  }
}
