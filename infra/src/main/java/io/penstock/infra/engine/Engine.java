package io.penstock.infra.engine;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.infra.config.Configuration;
import io.penstock.ingress.ApiKeys;
import io.penstock.ingress.Bounds;
import io.penstock.ingress.Disconnect;
import io.penstock.ingress.Ingress;
import io.penstock.ingress.IngressSettings;
import io.penstock.ingress.batches.BatchLimits;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.batch.JobRules;
import io.penstock.policies.coalesce.Rules;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.Topics;
import io.penstock.schemas.registry.SchemaRegistry;
import io.penstock.topology.Laws;
import io.penstock.topology.RunningTopology;
import io.penstock.topology.TopologySettings;
import io.penstock.workers.WorkerSettings;
import io.penstock.workers.Workers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/**
 * The parts of the engine, built from one configuration. Each {@code start} method starts one part
 * and remembers it for {@link Closing}.
 */
public final class Engine {
  private static final Duration PROVISION_WITHIN = Duration.ofSeconds(20);

  private final Configuration configuration;
  private final KafkaConnection kafka;
  private final SchemaRegistry registry;
  private final Topics topics;
  private final PriceCatalogue prices;
  private final Providers providers;
  private final Closing closing;
  private final PrometheusMeterRegistry meters;

  Engine(
      Configuration configuration,
      KafkaConnection kafka,
      SchemaRegistry registry,
      PriceCatalogue prices,
      Providers providers,
      Closing closing) {
    this.configuration = configuration;
    this.kafka = kafka;
    this.registry = registry;
    this.prices = prices;
    this.providers = providers;
    this.closing = closing;
    this.topics =
        new Topics(
            configuration.kafka().topicPrefix(), configuration.kafka().partitions(), registry);
    this.meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    closing.add(meters::close);
    bindCollector();
  }

  private void bindCollector() {
    var collector = new JvmGcMetrics();
    collector.bindTo(meters);
    closing.add(collector);
  }

  public Topics topics() {
    return topics;
  }

  public Providers providers() {
    return providers;
  }

  PrometheusMeterRegistry meters() {
    return meters;
  }

  /** Creates what is missing of topics, groups and schemas; starting twice does no harm. */
  public TopicProvisioner.Report provision() {
    try (Admin admin = Admin.create(kafka.admin("penstock-provision"))) {
      TopicProvisioner.Report report =
          new TopicProvisioner(admin, TopicProvisioner.BROKER_DEFAULT, PROVISION_WITHIN)
              .provision(topics);
      topics.registerSchemas();
      return report;
    }
  }

  /**
   * Starts the topology.
   *
   * @param instance a name that this process keeps over restarts, if it has one
   */
  public RunningTopology startTopology(Optional<String> instance) {
    return closing.add(
        RunningTopology.start(
            TopologySettings.in(
                DataHome.at(configuration.dataDir()).topology(),
                configuration.topology().threads(),
                instance,
                configuration.topology().gate()),
            kafka,
            topics,
            configuration.topology().marksPrompts() ? laws() : laws().leavingPromptCachesAlone(),
            registry,
            meters));
  }

  public Workers startWorkers() {
    WorkerSettings usual = WorkerSettings.named(configuration.worker().id());
    return closing.add(
        Workers.start(
            new WorkerSettings(
                    usual.worker(),
                    configuration.worker().slots(),
                    usual.lanes(),
                    usual.walking(),
                    usual.timing())
                .sharing(configuration.worker().limits()),
            kafka,
            topics,
            providers.settings(),
            meters));
  }

  public Ingress startIngress() {
    String name = "penstock-ingress-" + configuration.worker().id();
    int port = configuration.http().port();
    return closing.add(
        Ingress.start(
            new IngressSettings(
                name,
                configuration.http().host(),
                port,
                DataHome.at(configuration.dataDir()).ingress(port),
                IngressSettings.LONGEST_WAIT,
                IngressSettings.DELIVERY_TIMEOUT,
                apiKeys(),
                Bounds.usual(),
                configuration.cancelOnDisconnect() ? Disconnect.CANCEL : Disconnect.DRAIN,
                IngressSettings.PULSE,
                configuration.budgets(),
                new BatchLimits(
                    configuration.batches().largestFile(),
                    configuration.batches().mostLines(),
                    configuration.batches().atOnce(),
                    BatchLimits.USUAL.partingTime())),
            kafka,
            topics,
            registry,
            admission(),
            meters));
  }

  private ApiKeys apiKeys() {
    Map<String, String> tenants = new HashMap<>();
    configuration.apiKeys().forEach((key, tenant) -> tenants.put(key.value(), tenant));
    return ApiKeys.of(tenants);
  }

  private Laws laws() {
    return new Laws(
            admission(),
            new Freshness(configuration.topology().cacheTtl()),
            new SingleFlight(Rules.DEFAULT),
            new Costing(prices),
            configuration.budgets())
        .batchingBy(
            configuration
                .topology()
                .jobs()
                .map(rules -> rules.at(providers.takingBatches()))
                .orElse(JobRules.NONE));
  }

  private Admission admission() {
    return new Admission(
        configuration.topology().deadlines(),
        providers.models(),
        configuration.kafka().partitions());
  }
}
