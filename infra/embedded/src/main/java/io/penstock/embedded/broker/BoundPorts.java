package io.penstock.embedded.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * The two listening sockets of a broker, bound before Kafka starts: a busy port is known at once,
 * and a free one, once chosen, cannot be taken by anybody else in between. Loopback only.
 */
final class BoundPorts implements ServerSocketFactory, AutoCloseable {
  static final String HOST = "127.0.0.1";
  static final String CLIENTS = "PLAINTEXT";
  static final String CONTROLLER = "CONTROLLER";

  private final ServerSocketChannel clients;
  private final ServerSocketChannel controller;

  private BoundPorts(ServerSocketChannel clients, ServerSocketChannel controller) {
    this.clients = clients;
    this.controller = controller;
  }

  /**
   * @param port for clients; 0 takes a free one
   */
  static BoundPorts bind(int port) {
    var clients = open(port);
    try {
      return new BoundPorts(clients, open(0));
    } catch (RuntimeException e) {
      closeQuietly(clients);
      throw e;
    }
  }

  private static ServerSocketChannel open(int port) {
    try {
      var channel = ServerSocketChannel.open();
      try {
        channel.configureBlocking(false); // as Kafka's acceptor expects
        channel.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
        return channel;
      } catch (SocketException e) {
        channel.close();
        throw new BrokerStartException.PortBusy(port, e);
      }
    } catch (IOException e) {
      throw new BrokerStartException.PortBusy(port, e);
    }
  }

  int clientsPort() {
    return port(clients);
  }

  int controllerPort() {
    return port(controller);
  }

  InetSocketAddress controllerAddress() {
    return new InetSocketAddress(InetAddress.ofLiteral(HOST), controllerPort());
  }

  private static int port(ServerSocketChannel channel) {
    return channel.socket().getLocalPort();
  }

  @Override
  public ServerSocketChannel openServerSocket(
      String listenerName, InetSocketAddress address, int backlog, int receiveBuffer) {
    return switch (listenerName) {
      case CLIENTS -> clients;
      case CONTROLLER -> controller;
      default -> throw new IllegalArgumentException("no socket for listener " + listenerName);
    };
  }

  /** Closes what Kafka has not closed already. */
  @Override
  public void close() {
    closeQuietly(clients);
    closeQuietly(controller);
  }

  private static void closeQuietly(ServerSocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing a listening socket", e);
    }
  }
}
