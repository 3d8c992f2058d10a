package io.penstock.infra.engine;

import io.penstock.embedded.simulator.Latency;
import io.penstock.embedded.simulator.Simulator;
import io.penstock.embedded.simulator.SimulatorSettings;
import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.ConfigurationException;
import io.penstock.infra.config.Setting;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Secret;
import io.penstock.schemas.registry.Credentials;
import io.penstock.schemas.registry.HttpSchemaRegistry;
import io.penstock.schemas.registry.RegistrySettings;
import io.penstock.schemas.registry.TlsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The two ways to an engine: everything in this JVM, or against servers that run elsewhere. */
public final class Engines {
  private static final Duration MODELS_WITHIN = Duration.ofSeconds(2);

  private Engines() {}

  /**
   * An engine whose broker, registry and, without a real provider, simulator run in this JVM.
   *
   * @param engine ready for its parts to be started
   * @param registryUrl where consumers in other languages find the schemas
   * @param registryMoved whether the registry took another port than the usual one, which was busy
   */
  public record Embedded(
      Engine engine, String bootstrap, String registryUrl, boolean registryMoved) {}

  /** Starts broker, registry and simulator, and builds an engine on them. */
  public static Embedded embedded(Configuration configuration, Closing closing) {
    Configuration.Models models = configuration.models();
    PriceCatalogue prices = prices(models);
    Providers providers =
        models.real()
            ? Providers.real(models, prices, new ModelList(MODELS_WITHIN))
            : Providers.simulated(simulator(configuration, closing), models, prices);
    Stack stack = Stack.start(configuration, DataHome.at(configuration.dataDir()), closing);
    return new Embedded(
        new Engine(configuration, stack.kafka(), stack.registry(), prices, providers, closing),
        stack.kafka().bootstrapServers(),
        stack.registryUrl(),
        stack.registryMoved());
  }

  /** Builds an engine on the broker and registry that the configuration names. */
  public static Engine remote(Configuration configuration, Closing closing) {
    Configuration.Models models = configuration.models();
    PriceCatalogue prices = prices(models);
    Providers providers =
        models.real()
            ? Providers.real(models, prices, new ModelList(MODELS_WITHIN))
            : Providers.simulated(simulatorElsewhere(configuration), models, prices);
    return new Engine(
        configuration,
        new KafkaConnection(
            configuration.kafka().bootstrapServers(), configuration.kafka().properties()),
        closing.add(registryClient(configuration.registry())),
        prices,
        providers,
        closing);
  }

  private static URI simulatorElsewhere(Configuration configuration) {
    Configuration.Http http = configuration.simulator().http();
    return http.reached(http.port());
  }

  /** Starts the provider simulator; returns how this machine reaches it. */
  public static URI simulator(Configuration configuration, Closing closing) {
    Configuration.SimulatorPart part = configuration.simulator();
    SimulatorSettings settings =
        SimulatorSettings.defaults()
            .withHost(part.http().host())
            .withPort(part.http().port())
            .withLatency(new Latency(part.firstToken(), part.perToken(), 0, Duration.ZERO));
    try {
      Simulator simulator =
          closing.add(ofPrices(configuration.models(), in -> Simulator.start(settings, in)));
      return part.http().reached(simulator.port());
    } catch (UncheckedIOException e) {
      throw new UncheckedIOException(
          e.getMessage() + " (--simulator-host, --simulator-port)", e.getCause());
    }
  }

  private static HttpSchemaRegistry registryClient(Configuration.Registry registry) {
    RegistrySettings settings = registry(registry);
    try {
      return new HttpSchemaRegistry(settings);
    } catch (IllegalArgumentException e) { // names the file and the remedy
      Setting wrong =
          registry.trust().isPresent() ? Setting.REGISTRY_TRUSTSTORE : Setting.REGISTRY_KEYSTORE;
      throw ConfigurationException.of(wrong, registry, String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable TlsSettings tls(Configuration.Registry registry) {
    return registry.trust().isEmpty() && registry.identity().isEmpty()
        ? null
        : new TlsSettings(
            registry.trust().map(Engines::store).orElse(null),
            registry.identity().map(Engines::store).orElse(null));
  }

  private static TlsSettings.Store store(Configuration.Registry.Store store) {
    return new TlsSettings.Store(store.file(), store.password());
  }

  private static RegistrySettings registry(Configuration.Registry registry) {
    Credentials credentials = registry.user().map(user -> credentials(user, registry)).orElse(null);
    String urls = registry.urls().stream().map(URI::toString).collect(Collectors.joining(","));
    try {
      return RegistrySettings.of(urls, credentials, tls(registry));
    } catch (IllegalArgumentException e) {
      throw ConfigurationException.of(
          Setting.REGISTRY_URL, registry, String.valueOf(e.getMessage()));
    }
  }

  private static Credentials credentials(String user, Configuration.Registry registry) {
    try {
      return new Credentials(user, registry.password().orElse(new Secret("")));
    } catch (IllegalArgumentException e) {
      // Who writes user:password must not read the password again in a log.
      throw ConfigurationException.of(
          Setting.REGISTRY_USER,
          user.replaceFirst(":.*", ":…"),
          "a user name has no colon; the password goes into "
              + Setting.REGISTRY_PASSWORD.shownAs());
    }
  }

  private static PriceCatalogue prices(Configuration.Models models) {
    return ofPrices(models, PriceCatalogue::parse);
  }

  private interface PriceReader<T> {
    T read(InputStream in) throws IOException;
  }

  private static <T> T ofPrices(Configuration.Models models, PriceReader<T> reader) {
    try (InputStream in = priceFile(models.prices())) {
      return reader.read(in);
    } catch (IOException | IllegalArgumentException e) {
      throw ConfigurationException.of(
          Setting.PRICES,
          models.prices().map(Path::toString).orElse("bundled"),
          "it cannot be used (" + firstLine(e) + "); mend the file or leave it out");
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static InputStream priceFile(Optional<Path> own) throws IOException {
    return own.isPresent() ? Files.newInputStream(own.get()) : PriceCatalogue.bundledFile();
  }
}
