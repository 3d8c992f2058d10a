package io.penstock.infra.config;

import io.penstock.policies.batch.JobRules;
import io.penstock.policies.budget.Budgets;
import io.penstock.policies.gate.GateRules;
import io.penstock.policies.limit.LimitRules;
import io.penstock.schemas.Secret;
import io.penstock.schemas.avro.Lane;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set, as one tree. Parts take the smallest branch they need. Secrets never
 * show in {@code toString}.
 *
 * @param cancelOnDisconnect whether the request of a caller who left is withdrawn
 * @param batches what is taken in as files and batches
 * @param budgets what tenants and keys may spend
 */
public record Configuration(
    Http http,
    boolean cancelOnDisconnect,
    Batches batches,
    Path dataDir,
    Kafka kafka,
    Registry registry,
    SimulatorPart simulator,
    Models models,
    Map<Secret, String> apiKeys,
    Budgets budgets,
    WorkerPart worker,
    TopologyPart topology,
    Metrics metrics) {

  private static final long BYTES_PER_MIB = 1024L * 1024;

  /** The file that is read when it is there. */
  public static final Path FILE = Path.of("penstock.yaml");

  private static final int MOST_CALLS = 100_000;

  /**
   * Bounds on files and batches.
   *
   * @param largestFile in bytes
   * @param mostLines of one batch
   * @param atOnce batches that one ingress runs at a time
   */
  public record Batches(long largestFile, int mostLines, int atOnce) {}

  /** Where something listens. */
  public record Http(String host, int port) {
    private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::", "[::]");

    /**
     * How this machine reaches what listens here.
     *
     * @param bound the port that was taken, which is not {@link #port} when that is 0
     */
    public URI reached(int bound) {
      String name = WILDCARDS.contains(host) ? "127.0.0.1" : host;
      boolean bare = name.contains(":") && !name.startsWith("[");
      return URI.create("http://" + (bare ? "[" + name + "]" : name) + ":" + bound);
    }
  }

  /**
   * A port that may give way.
   *
   * @param given whether somebody asked for it, so that no other will do
   */
  public record Port(int number, boolean given) {}

  /** Where a process without an ingress tells how it is. */
  public record Metrics(String host, Port port) {}

  /**
   * How Kafka is reached, and what it holds.
   *
   * @param embeddedPort port of the broker that {@code up} starts
   */
  public record Kafka(
      String bootstrapServers,
      int embeddedPort,
      Map<String, String> properties,
      String topicPrefix,
      int partitions) {
    /** Without the properties, which may hold passwords. */
    @Override
    public String toString() {
      return "Kafka[" + bootstrapServers + ", " + topicPrefix + "*]";
    }
  }

  /**
   * How the schema registry is reached.
   *
   * @param trust authorities instead of the JVM's
   * @param identity who we are, for registries that ask
   * @param embeddedPort port of the registry that {@code up} starts
   */
  public record Registry(
      List<URI> urls,
      Optional<String> user,
      Optional<Secret> password,
      Optional<Store> trust,
      Optional<Store> identity,
      Port embeddedPort) {

    /** A file of certificates. */
    public record Store(Path file, Secret password) {}

    /** Without user names and passwords in the URLs. */
    @Override
    public String toString() {
      return "Registry" + urls.stream().map(url -> url.getHost() + ":" + url.getPort()).toList();
    }
  }

  /** The built-in provider simulator. */
  public record SimulatorPart(Http http, Duration firstToken, Duration perToken) {}

  /**
   * Who is called for what.
   *
   * @param others providers of the file, beside the two that have settings of their own
   * @param prices a price file instead of the bundled one
   */
  public record Models(
      Optional<Provider> openai,
      Optional<Provider> anthropic,
      List<ProviderRow> others,
      Optional<String> defaultModel,
      Optional<Path> prices) {

    /** Whether any real provider is configured. */
    public boolean real() {
      return openai.isPresent() || anthropic.isPresent() || !others.isEmpty();
    }
  }

  /**
   * One provider.
   *
   * @param own whether the URL was given, so that it may serve other models than the official one
   */
  public record Provider(URI baseUrl, Optional<Secret> key, boolean own) {}

  /** A worker process. */
  public record WorkerPart(String id, int slots, LimitRules limits) {}

  /**
   * A topology process.
   *
   * @param marksPrompts whether providers are told what to cache
   * @param jobs how requests are put together for batch APIs; empty when they are not
   * @param gate how batch is let in
   */
  public record TopologyPart(
      Duration cacheTtl,
      boolean marksPrompts,
      Map<Lane, Duration> deadlines,
      int threads,
      Optional<String> instance,
      Optional<JobRules> jobs,
      GateRules gate) {}

  /**
   * Reads all sources.
   *
   * @param commandLine what was given as flags
   * @throws ConfigurationException with every problem found
   */
  public static Configuration load(
      Map<String, String> environment, Map<Setting, String> commandLine) {
    return load(Files.exists(FILE) ? FILE : null, environment, commandLine);
  }

  /**
   * A configuration of the defaults and {@code values} alone: neither the file nor the environment
   * is looked at.
   *
   * @throws ConfigurationException with every problem found
   */
  public static Configuration fixed(Map<Setting, String> values) {
    return load(null, Map.of(), values);
  }

  /**
   * As {@link #load(Map, Map)}, from another file.
   *
   * @param file null for none
   * @throws ConfigurationException with every problem found
   */
  public static Configuration load(
      @Nullable Path file, Map<String, String> environment, Map<Setting, String> commandLine) {
    var problems = new Problems();
    var read = new Reader(Values.read(file, environment, commandLine, problems), problems);
    Configuration configuration = tree(read, problems);
    problems.throwIfAny();
    return configuration;
  }

  private static Configuration tree(Reader read, Problems problems) {
    return new Configuration(
        new Http(read.required(Setting.HTTP_HOST), read.port(Setting.HTTP_PORT)),
        read.isCancel(Setting.ON_DISCONNECT),
        new Batches(
            (long) read.number(Setting.LARGEST_FILE, 1, 10_000) * BYTES_PER_MIB,
            read.number(Setting.BATCH_LINES, 1, 1_000_000),
            read.number(Setting.BATCHES_AT_ONCE, 1, 1_000)),
        Path.of(read.required(Setting.DATA_DIR)),
        new Kafka(
            read.required(Setting.KAFKA),
            read.port(Setting.KAFKA_PORT),
            PropertiesFile.read(read.file(Setting.KAFKA_PROPERTIES), problems),
            read.required(Setting.TOPIC_PREFIX),
            read.number(Setting.TOPIC_PARTITIONS, 1, 1000)),
        new Registry(
            read.urls(Setting.REGISTRY_URL),
            read.text(Setting.REGISTRY_USER),
            read.text(Setting.REGISTRY_PASSWORD).map(Secret::new),
            store(read, Setting.REGISTRY_TRUSTSTORE, Setting.REGISTRY_TRUSTSTORE_PASSWORD),
            store(read, Setting.REGISTRY_KEYSTORE, Setting.REGISTRY_KEYSTORE_PASSWORD),
            usualPort(read, Setting.REGISTRY_PORT)),
        new SimulatorPart(
            new Http(read.required(Setting.SIMULATOR_HOST), read.port(Setting.SIMULATOR_PORT)),
            read.duration(Setting.SIMULATOR_FIRST_TOKEN),
            read.duration(Setting.SIMULATOR_PER_TOKEN)),
        new Models(
            provider(read, Setting.OPENAI_KEY, Setting.OPENAI_URL),
            provider(read, Setting.ANTHROPIC_KEY, Setting.ANTHROPIC_URL),
            ProviderRow.read(read, problems),
            read.text(Setting.DEFAULT_MODEL),
            read.file(Setting.PRICES)),
        TenantKeys.read(read, problems),
        BudgetRows.read(read, problems),
        new WorkerPart(
            read.text(Setting.WORKER_ID).orElseGet(WorkerName::ofThisProcess),
            read.number(Setting.WORKER_SLOTS, 1, 10_000),
            limits(read, problems)),
        new TopologyPart(
            read.duration(Setting.CACHE_TTL),
            read.isAuto(Setting.PROMPT_CACHE),
            Map.of(
                Lane.EXPRESS, read.duration(Setting.EXPRESS_DEADLINE),
                Lane.STANDARD, read.duration(Setting.STANDARD_DEADLINE),
                Lane.BATCH, read.duration(Setting.BATCH_DEADLINE)),
            read.number(Setting.TOPOLOGY_THREADS, 1, 64),
            read.text(Setting.TOPOLOGY_INSTANCE),
            JobSettings.read(read, problems),
            GateRules.of(
                read.number(Setting.GATE_WINDOW, 1, GateRules.WIDEST),
                read.number(Setting.GATE_WORK, 1, 1_000_000),
                read.number(Setting.GATE_EXPRESS_SLOWER, 0, 1_000))),
        new Metrics(read.required(Setting.METRICS_HOST), usualPort(read, Setting.METRICS_PORT)));
  }

  private static LimitRules limits(Reader read, Problems problems) {
    int least = read.number(Setting.WORKER_LEAST_CALLS, 1, MOST_CALLS);
    int most = read.number(Setting.WORKER_MOST_CALLS, 1, MOST_CALLS);
    if (most < least) {
      problems.add(
          Setting.WORKER_MOST_CALLS.shownAs(),
          Integer.toString(most),
          "give no less than " + Setting.WORKER_LEAST_CALLS.shownAs() + ", which is " + least);
      return LimitRules.DEFAULT;
    }
    return LimitRules.DEFAULT
        .between(least, most)
        .aiming(Lane.EXPRESS, read.duration(Setting.WORKER_EXPRESS_FIRST_TOKEN))
        .aiming(Lane.STANDARD, read.duration(Setting.WORKER_STANDARD_FIRST_TOKEN));
  }

  private static Optional<Registry.Store> store(Reader read, Setting file, Setting password) {
    return read.file(file)
        .map(path -> new Registry.Store(path, new Secret(read.required(password))));
  }

  private static Port usualPort(Reader read, Setting setting) {
    return new Port(read.port(setting), read.given(setting));
  }

  private static Optional<Provider> provider(Reader read, Setting key, Setting url) {
    Optional<Secret> secret = read.text(key).map(Secret::new);
    boolean own = read.given(url);
    return secret.isPresent() || own
        ? Optional.of(new Provider(read.url(url), secret, own))
        : Optional.empty();
  }
}
