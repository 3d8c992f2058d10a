package io.penstock.infra.config;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of settings: the key in {@code penstock.yaml}, the environment names, the flag, the
 * default, and what it means. Secrets have no flag and no key, so that they stay out of shell
 * histories and files under version control: only the environment, or a file that is named.
 */
public enum Setting {
  HTTP_HOST("http.host", "--http-host", "127.0.0.1", "address the ingress listens on"),
  HTTP_PORT("http.port", "--http-port", "8080", "port of the ingress"),
  DATA_DIR("data.dir", "--data-dir", "data", "directory for everything this process keeps"),
  KAFKA_PORT("kafka.port", "--kafka-port", "9092", "port of the embedded broker"),
  REGISTRY_PORT("registry.port", "--registry-port", "8081", "port of the embedded schema registry"),
  SIMULATOR_PORT("simulator.port", "--simulator-port", "8090", "port of the provider simulator"),
  SIMULATOR_HOST(
      "simulator.host", "--simulator-host", "127.0.0.1", "address the simulator listens on"),
  SIMULATOR_FIRST_TOKEN(
      "simulator.first-token", "--first-token", "120ms", "the simulator's time to first token"),
  SIMULATOR_PER_TOKEN(
      "simulator.per-token", "--per-token", "2ms", "the simulator's time per further token"),
  KAFKA(
      "kafka.bootstrap-servers",
      "--kafka",
      "127.0.0.1:9092",
      "Kafka brokers, as host:port,host:port",
      "KAFKA_BOOTSTRAP_SERVERS"),
  KAFKA_PROPERTIES(
      "kafka.properties-file",
      "--kafka-properties",
      null,
      "a file of further Kafka client properties (security, for instance)"),
  REGISTRY_URL(
      "registry.url",
      "--registry",
      "http://127.0.0.1:8081",
      "schema registry URLs, separated by commas",
      "SCHEMA_REGISTRY_URL"),
  REGISTRY_USER("registry.user", "--registry-user", null, "user name at the schema registry"),
  REGISTRY_PASSWORD(null, null, null, "password at the schema registry"),
  REGISTRY_TRUSTSTORE(
      "registry.truststore",
      "--registry-truststore",
      null,
      "a PKCS#12 or JKS file of the authorities that sign for the schema registry"),
  REGISTRY_TRUSTSTORE_PASSWORD(null, null, null, "password of that file"),
  REGISTRY_KEYSTORE(
      "registry.keystore",
      "--registry-keystore",
      null,
      "a PKCS#12 or JKS file of our own certificate, where the schema registry asks for one"),
  REGISTRY_KEYSTORE_PASSWORD(null, null, null, "password of that file and its key"),
  TOPIC_PREFIX("topics.prefix", "--topic-prefix", "penstock.", "put before every topic name"),
  TOPIC_PARTITIONS(
      "topics.partitions", "--partitions", "4", "partitions of each topic that carries traffic"),
  DEFAULT_MODEL("models.default", "--default-model", null, "the model that \"auto\" stands for"),
  PRICES("prices.file", "--prices", null, "a price file instead of the bundled one"),
  OPENAI_KEY(null, null, null, "key of the OpenAI-compatible provider", "OPENAI_API_KEY"),
  OPENAI_URL(
      "openai.base-url",
      "--openai-base-url",
      "https://api.openai.com/v1",
      "base URL of the OpenAI-compatible provider",
      "OPENAI_BASE_URL"),
  ANTHROPIC_KEY(null, null, null, "key of Anthropic", "ANTHROPIC_API_KEY"),
  ANTHROPIC_URL(
      "anthropic.base-url",
      "--anthropic-base-url",
      "https://api.anthropic.com",
      "base URL of Anthropic",
      "ANTHROPIC_BASE_URL"),
  API_KEYS(null, null, null, "who may ask, as key=tenant,key=tenant; the tenant * sees everything"),
  ON_DISCONNECT(
      "http.on-disconnect",
      "--on-disconnect",
      "drain",
      "drain: the request of a caller who left goes on; cancel: it is withdrawn"),
  LARGEST_FILE("files.largest-mib", "--largest-file", "200", "MiB that an uploaded file may have"),
  BATCH_LINES("batches.lines", "--batch-lines", "50000", "lines that a batch may have"),
  BATCHES_AT_ONCE(
      "batches.at-once",
      "--batches-at-once",
      "16",
      "batches that an ingress runs at a time; the others wait their turn"),
  WORKER_ID("worker.id", "--worker-id", null, "name of this worker; host and process by default"),
  WORKER_SLOTS("worker.slots", "--slots", "256", "provider calls at a time, for each lane"),
  WORKER_LEAST_CALLS(
      "worker.least-calls",
      "--least-calls",
      "1",
      "calls of one model at a time that a worker makes however often it is refused"),
  WORKER_MOST_CALLS(
      "worker.most-calls",
      "--most-calls",
      "1024",
      "calls of one model at a time that a worker makes at most; it finds out by itself what the provider takes"),
  WORKER_EXPRESS_FIRST_TOKEN(
      "worker.first-token.express",
      "--express-first-token",
      "2s",
      "when answers of express begin later, fewer calls are made at a time"),
  WORKER_STANDARD_FIRST_TOKEN(
      "worker.first-token.standard", "--standard-first-token", "10s", "the same for standard"),
  CACHE_TTL("cache.time-to-live", "--cache-ttl", "24h", "how long an exact answer is served"),
  PROMPT_CACHE(
      "cache.prompts",
      "--prompt-cache",
      "auto",
      "auto: providers are told which prefixes to cache, where that pays; off: they are left alone"),
  EXPRESS_DEADLINE(
      "deadlines.express", "--express-deadline", "30s", "deadline of express requests without one"),
  STANDARD_DEADLINE(
      "deadlines.standard",
      "--standard-deadline",
      "2m",
      "deadline of standard requests without one"),
  BATCH_DEADLINE(
      "deadlines.batch", "--batch-deadline", "24h", "deadline of batch requests without one"),
  JOBS(
      "jobs.mode",
      "--jobs",
      "auto",
      "auto: batch requests that have time go into batches of their provider, for about half the"
          + " price; off: each is called for by itself"),
  JOBS_MOST("jobs.most", "--jobs-most", "45000", "requests in one batch of a provider"),
  JOBS_MOST_BYTES("jobs.most-bytes", "--jobs-most-bytes", "180000000", "bytes in one"),
  JOBS_AGE("jobs.age", "--jobs-age", "5m", "how long the first of a batch waits for others"),
  JOBS_IDLE(
      "jobs.idle", "--jobs-idle", "30s", "a batch that nothing came to for so long is handed in"),
  JOBS_SHORTEST(
      "jobs.shortest", "--jobs-shortest", "1h", "time that a request needs to go into a batch"),
  JOBS_RESCUE(
      "jobs.rescue",
      "--jobs-rescue",
      "15m",
      "how long before a deadline a batch is called off, and what it left called for by itself"),
  JOBS_RESERVE(
      "jobs.reserve",
      "--jobs-reserve",
      "2m",
      "how long before its deadline a request waits for no batch, whatever becomes of that"),
  JOBS_FIRST_POLL(
      "jobs.first-poll", "--jobs-first-poll", "30s", "until a batch is first looked at"),
  JOBS_LONGEST_POLL(
      "jobs.longest-poll", "--jobs-longest-poll", "5m", "the longest time between two looks"),
  JOBS_TASK_LEASE(
      "jobs.task-lease",
      "--jobs-task-lease",
      "1m",
      "how long nothing may be heard of a worker that sees to a batch"),
  JOBS_ATTEMPTS(
      "jobs.attempts", "--jobs-attempts", "2", "batches that a request may be in, one by one"),
  TOPOLOGY_INSTANCE(
      "topology.instance",
      "--instance",
      null,
      "a name this topology keeps over restarts, so that it resumes at once after a kill"),
  TOPOLOGY_THREADS("topology.threads", "--threads", "1", "stream threads of this process"),
  ASSUMED_OUTPUT(
      "topology.assumed-output",
      "--assumed-output",
      "4096",
      "output tokens that a budget sets aside for a request that names no bound"),
  GATE_WINDOW(
      "gate.window",
      "--gate-window",
      "64",
      "batch requests of one partition that are let in and not yet read by the topology"),
  GATE_WORK(
      "gate.waiting-work",
      "--gate-waiting-work",
      "1000",
      "batch dispatches that may wait for workers while more requests are let in"),
  GATE_EXPRESS_SLOWER(
      "gate.express-slower",
      "--gate-express-slower",
      "25",
      "by how much batch may make express slower in the topology, in percent"),
  METRICS_HOST("metrics.host", "--metrics-host", "127.0.0.1", "address of /metrics and /health"),
  METRICS_PORT(
      "metrics.port", "--metrics-port", "9464", "port of /metrics and /health; 0 for none");

  private static final Map<String, Setting> BY_KEY =
      Arrays.stream(values())
          .filter(setting -> setting.key != null)
          .collect(Collectors.toMap(Setting::requiredKey, Function.identity()));

  private final @Nullable String key;
  private final @Nullable String flag;
  private final @Nullable String otherwise;
  private final String meaning;
  private final @Nullable String usualName;

  Setting(@Nullable String key, @Nullable String flag, @Nullable String otherwise, String meaning) {
    this(key, flag, otherwise, meaning, null);
  }

  Setting(
      @Nullable String key,
      @Nullable String flag,
      @Nullable String otherwise,
      String meaning,
      @Nullable String usualName) {
    this.key = key;
    this.flag = flag;
    this.otherwise = otherwise;
    this.meaning = meaning;
    this.usualName = usualName;
  }

  static Optional<Setting> ofKey(String key) {
    return Optional.ofNullable(BY_KEY.get(key));
  }

  /** Whether a path in the YAML file is a setting, a section of settings, or the whole file. */
  static boolean holds(String path) {
    return path.isEmpty()
        || BY_KEY.keySet().stream().anyMatch(key -> key.equals(path) || key.startsWith(path + "."));
  }

  /** Key in the YAML file; none for secrets. */
  public Optional<String> key() {
    return Optional.ofNullable(key);
  }

  /** Flag on the command line; none for secrets. */
  public Optional<String> flag() {
    return Optional.ofNullable(flag);
  }

  /** Names in the environment: the one everybody uses, if there is one, then our own. */
  public List<String> environment() {
    String own = "PENSTOCK_" + name();
    return usualName == null ? List.of(own) : List.of(usualName, own);
  }

  /** A secret may also stand in a file whose path is in this environment name. */
  String fileEnvironment() {
    return environment().getFirst() + "_FILE";
  }

  public Optional<String> defaultValue() {
    return Optional.ofNullable(otherwise);
  }

  /** How people know it: its flag, or where there is none its name in the environment. */
  public String shownAs() {
    return flag().orElseGet(() -> environment().getFirst());
  }

  public String meaning() {
    return meaning;
  }

  boolean secret() {
    return key == null;
  }

  private String requiredKey() {
    return key == null ? "" : key;
  }
}
