package io.penstock.infra.engine;

import io.penstock.embedded.broker.EmbeddedBroker;
import io.penstock.embedded.registry.EmbeddedRegistry;
import io.penstock.embedded.registry.RegistryFacade;
import io.penstock.infra.config.Configuration;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.registry.SchemaRegistry;

/** What production brings along and a laptop does not: broker and schema registry, in this JVM. */
final class Stack {
  private final KafkaConnection kafka;
  private final SchemaRegistry registry;
  private final String registryUrl;

  private Stack(KafkaConnection kafka, SchemaRegistry registry, String registryUrl) {
    this.kafka = kafka;
    this.registry = registry;
    this.registryUrl = registryUrl;
  }

  static Stack start(Configuration configuration, Closing closing) {
    EmbeddedBroker broker =
        closing.add(
            EmbeddedBroker.start(
                DataHome.at(configuration.dataDir()).kafka(),
                configuration.kafka().embeddedPort()));
    KafkaConnection kafka = KafkaConnection.to(broker.bootstrap());
    EmbeddedRegistry registry =
        closing.add(EmbeddedRegistry.open(kafka, configuration.kafka().topicPrefix()));
    RegistryFacade facade =
        closing.add(RegistryFacade.start(registry, configuration.registry().embeddedPort()));
    return new Stack(kafka, registry, facade.url());
  }

  KafkaConnection kafka() {
    return kafka;
  }

  SchemaRegistry registry() {
    return registry;
  }

  String registryUrl() {
    return registryUrl;
  }
}
