package io.penstock.infra.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.registry.PortBusyException;
import io.penstock.infra.config.Configuration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class StackTest {
  private final MemoryRegistry registry = new MemoryRegistry();
  private ServerSocket somebody;

  @BeforeEach
  void somebodyHasThePort() throws IOException {
    somebody = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
  }

  @AfterEach
  void gone() throws IOException {
    somebody.close();
    registry.close();
  }

  @Test
  void theUsualRegistryPortGivesWayWhereItIsBusy() {
    Stack.Facade facade =
        Stack.facade(registry, new Configuration.Port(somebody.getLocalPort(), false));
    try (var server = facade.server()) {
      assertThat(facade.moved()).isTrue();
      assertThat(server.port()).isNotEqualTo(somebody.getLocalPort());
    }
  }

  @Test
  void aRegistryPortThatWasAskedForAndIsBusyIsToldAsSuch() {
    var asked = new Configuration.Port(somebody.getLocalPort(), true);
    assertThatThrownBy(() -> Stack.facade(registry, asked)).isInstanceOf(PortBusyException.class);
  }
}
