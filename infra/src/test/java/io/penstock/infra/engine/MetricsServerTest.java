package io.penstock.infra.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.penstock.infra.config.Configuration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

final class MetricsServerTest {
  private static final String LOOPBACK = "127.0.0.1";

  @Test
  void theUsualPortGivesWayToAFreeOneAndOneThatWasAskedForDoesNot() throws IOException {
    try (var somebody = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
      int busy = somebody.getLocalPort();
      HttpServer server = MetricsServer.bound(where(LOOPBACK, busy, false));
      assertThat(server.getAddress().getPort()).isPositive().isNotEqualTo(busy);
      server.stop(0);
      assertThatThrownBy(() -> MetricsServer.bound(where(LOOPBACK, busy, true)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(LOOPBACK + ":" + busy)
          .hasMessageContaining("--metrics-port");
    }
  }

  @Test
  void anAddressThatIsNotOursIsNotCalledABusyPort() {
    assertThatThrownBy(() -> MetricsServer.bound(where("192.0.2.1", 0, false)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("192.0.2.1:0")
        .hasMessageContaining("--metrics-host")
        .hasMessageNotContaining("busy");
  }

  private static Configuration.Metrics where(String host, int port, boolean given) {
    return new Configuration.Metrics(host, new Configuration.Port(port, given));
  }
}
