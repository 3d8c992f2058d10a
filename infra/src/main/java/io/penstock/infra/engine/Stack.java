package io.penstock.infra.engine;

import io.penstock.embedded.broker.EmbeddedBroker;
import io.penstock.embedded.registry.EmbeddedRegistry;
import io.penstock.embedded.registry.LocalRegistry;
import io.penstock.embedded.registry.PortBusyException;
import io.penstock.embedded.registry.RegistryFacade;
import io.penstock.infra.config.Configuration;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.registry.SchemaRegistry;

/** What production brings along and a laptop does not: broker and schema registry, in this JVM. */
final class Stack {
  private final KafkaConnection kafka;
  private final SchemaRegistry registry;
  private final Facade facade;

  private Stack(KafkaConnection kafka, SchemaRegistry registry, Facade facade) {
    this.kafka = kafka;
    this.registry = registry;
    this.facade = facade;
  }

  static Stack start(Configuration configuration, DataHome home, Closing closing) {
    EmbeddedBroker broker =
        closing.add(EmbeddedBroker.start(home.kafka(), configuration.kafka().embeddedPort()));
    KafkaConnection kafka = KafkaConnection.to(broker.bootstrap());
    EmbeddedRegistry registry =
        closing.add(EmbeddedRegistry.open(kafka, configuration.kafka().topicPrefix()));
    Facade facade = facade(registry, configuration.registry().embeddedPort());
    closing.add(facade.server());
    return new Stack(kafka, registry, facade);
  }

  /**
   * The registry as others reach it.
   *
   * @param moved whether it is not on the port it should have had
   */
  record Facade(RegistryFacade server, boolean moved) {}

  /** Nobody has to know of the registry's port, so the usual one gives way where it is busy. */
  static Facade facade(LocalRegistry registry, Configuration.Port port) {
    try {
      return new Facade(RegistryFacade.start(registry, port.number()), false);
    } catch (PortBusyException e) {
      if (port.given()) {
        throw e;
      }
      return new Facade(RegistryFacade.start(registry, 0), true);
    }
  }

  KafkaConnection kafka() {
    return kafka;
  }

  SchemaRegistry registry() {
    return registry;
  }

  String registryUrl() {
    return facade.server().url();
  }

  boolean registryMoved() {
    return facade.moved();
  }
}
