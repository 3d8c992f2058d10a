package io.penstock.infra.engine;

import io.penstock.embedded.simulator.Latency;
import io.penstock.embedded.simulator.Simulator;
import io.penstock.embedded.simulator.SimulatorSettings;
import io.penstock.infra.config.Configuration;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Secret;
import io.penstock.schemas.registry.Credentials;
import io.penstock.schemas.registry.HttpSchemaRegistry;
import io.penstock.schemas.registry.RegistrySettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The two ways to an engine: everything in this JVM, or against servers that run elsewhere. */
public final class Engines {
  private Engines() {}

  /**
   * An engine whose broker, registry and, without a real provider, simulator run in this JVM.
   *
   * @param engine ready for its parts to be started
   * @param registryUrl where consumers in other languages find the schemas
   * @param simulatorUrl empty when a real provider is called
   */
  public record Embedded(
      Engine engine, String bootstrap, String registryUrl, Optional<String> simulatorUrl) {}

  /** Starts broker, registry and simulator, and builds an engine on them. */
  public static Embedded embedded(Configuration configuration, Closing closing) {
    Configuration.Models models = configuration.models();
    PriceCatalogue prices = prices(models);
    Optional<Simulator> simulator =
        models.real() ? Optional.empty() : Optional.of(simulator(configuration, closing));
    Providers providers =
        simulator
            .map(s -> Providers.simulated(s.port(), prices, models.defaultModel()))
            .orElseGet(() -> Providers.real(models, prices, new ModelList()));
    Stack stack = Stack.start(configuration, closing);
    return new Embedded(
        new Engine(configuration, stack.kafka(), stack.registry(), prices, providers, closing),
        stack.kafka().bootstrapServers(),
        stack.registryUrl(),
        simulator.map(s -> "http://127.0.0.1:" + s.port()));
  }

  /** Builds an engine on the broker and registry that the configuration names. */
  public static Engine remote(Configuration configuration, Closing closing) {
    Configuration.Models models = configuration.models();
    PriceCatalogue prices = prices(models);
    Providers providers =
        models.real()
            ? Providers.real(models, prices, new ModelList())
            : Providers.simulated(configuration.simulator().port(), prices, models.defaultModel());
    return new Engine(
        configuration,
        new KafkaConnection(
            configuration.kafka().bootstrapServers(), configuration.kafka().properties()),
        closing.add(new HttpSchemaRegistry(registry(configuration.registry()))),
        prices,
        providers,
        closing);
  }

  /** Starts the provider simulator. */
  public static Simulator simulator(Configuration configuration, Closing closing) {
    Configuration.SimulatorPart part = configuration.simulator();
    try (InputStream prices = priceFile(configuration.models().prices())) {
      return closing.add(
          Simulator.start(
              SimulatorSettings.defaults()
                  .withHost(part.host())
                  .withPort(part.port())
                  .withLatency(new Latency(part.firstToken(), part.perToken(), 0, Duration.ZERO)),
              prices));
    } catch (IOException e) {
      throw new UncheckedIOException("the price file cannot be read", e);
    }
  }

  private static RegistrySettings registry(Configuration.Registry registry) {
    RegistrySettings bare =
        RegistrySettings.of(
            String.join(",", registry.urls().stream().map(Object::toString).toList()));
    return registry
        .user()
        .map(user ->
            new RegistrySettings(
                bare.urls(),
                new Credentials(user, registry.password().orElse(new Secret(""))),
                null,
                bare.connectTimeout(),
                bare.readTimeout()))
        .orElse(bare);
  }

  private static PriceCatalogue prices(Configuration.Models models) {
    try (InputStream in = priceFile(models.prices())) {
      return PriceCatalogue.parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException("the price file cannot be read", e);
    }
  }

  private static InputStream priceFile(Optional<Path> own) throws IOException {
    return own.isPresent() ? Files.newInputStream(own.get()) : PriceCatalogue.bundledFile();
  }
}
