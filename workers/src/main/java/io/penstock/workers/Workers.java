package io.penstock.workers;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Lane;
import io.penstock.workers.provider.ProviderSettings;
import io.penstock.workers.provider.Providers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: takes dispatches from the share groups of its lanes, calls providers and writes what
 * came of it to the results topic. Any number may run, in any number of processes.
 *
 * <p>The topics and share groups must have been provisioned; a broker that is away is waited for.
 */
public final class Workers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  // Small polls share work evenly among workers, large ones are quick (docs/measurements.md, Kafka
  // §2).
  private static final int POLLS_FOR_ALL_SLOTS = 16;
  private static final int LARGEST_POLL = 32;

  /** How long running calls may take to end when the worker is closed. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** How much longer its consumers may take to leave, all of them together. */
  private static final Duration LEAVE = Duration.ofMillis(200);

  private static final Duration FLUSH = Duration.ofMillis(400);

  /** How long it takes at most to close: all that is waited for, one after the other. */
  static final Duration LONGEST_CLOSE = longestClose(GRACE);

  private final List<LaneWorker> lanes;
  private final Attempts attempts;
  private final PlanWalker walker;
  private final CallMeters meters;
  private final Results results;
  private final Providers providers;
  private final ChunkWriter chunks;
  private final ProviderStates states;
  private final UnderWay underWay;
  private final Cancellations cancellations;
  private final Optional<JobTaker> jobs;
  private final Duration grace;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Workers(
      WorkerSettings settings,
      KafkaConnection kafka,
      Topics topics,
      List<ProviderSettings> providerSettings,
      MeterRegistry registry,
      Duration grace) {
    this.grace = grace;
    InstantSource clock = InstantSource.system();
    this.providers = new Providers(providerSettings, settings.breaker(), settings.limits(), clock);
    this.states = ProviderStates.of(kafka, topics, providers, settings.worker(), clock);
    this.results = Results.of(kafka, topics, settings.worker());
    this.meters = new CallMeters(registry, providers::traffic);
    var renewals = new Renewals(results, settings.timing(), settings.worker());
    this.attempts = new Attempts(settings, results, clock);
    this.chunks = ChunkWriter.of(kafka, topics, settings.worker());
    this.underWay = new UnderWay(clock);
    this.cancellations =
        Cancellations.of(kafka, topics.cancellations(), underWay, settings.worker());
    this.walker =
        new PlanWalker(settings, providers, underWay, chunks, attempts, renewals, meters, clock);
    this.jobs =
        settings.lanes().contains(Lane.BATCH)
            ? Optional.of(jobs(settings, kafka, topics, clock))
            : Optional.empty();
    this.lanes =
        settings.lanes().stream().map(lane -> lane(lane, settings, kafka, topics, clock)).toList();
  }

  /**
   * Starts a worker; it takes work as soon as the broker has let it in.
   *
   * @throws IllegalArgumentException when two providers have the same id
   */
  public static Workers start(
      WorkerSettings settings,
      KafkaConnection kafka,
      Topics topics,
      List<ProviderSettings> providers,
      MeterRegistry registry) {
    return start(settings, kafka, topics, providers, registry, GRACE);
  }

  /** As above, for tests that have another idea of how long running calls may take to end. */
  static Workers start(
      WorkerSettings settings,
      KafkaConnection kafka,
      Topics topics,
      List<ProviderSettings> providers,
      MeterRegistry registry,
      Duration grace) {
    var workers = new Workers(settings, kafka, topics, providers, registry, grace);
    Thread.ofVirtual().start(workers.chunks::prepare);
    workers.cancellations.start();
    workers.states.start();
    workers.lanes.forEach(LaneWorker::start);
    workers.jobs.ifPresent(JobTaker::start);
    return workers;
  }

  /**
   * Whether all its lanes are served. A lane that has come to an end does not begin again: the
   * process had better be restarted.
   */
  public boolean running() {
    return lanes.stream().allMatch(LaneWorker::running);
  }

  private JobTaker jobs(
      WorkerSettings settings, KafkaConnection kafka, Topics topics, InstantSource clock) {
    var runner =
        new JobRunner(
            settings.worker(),
            providers,
            new JobLog(kafka, topics.windows(), settings.worker()),
            attempts,
            results,
            clock);
    return JobTaker.of(kafka, topics.jobs(), runner::run, settings.worker());
  }

  private LaneWorker lane(
      Lane lane,
      WorkerSettings settings,
      KafkaConnection kafka,
      Topics topics,
      InstantSource clock) {
    String name = settings.worker() + "-" + Topics.word(lane);
    int atOnce = Math.clamp(settings.slotsPerLane() / POLLS_FOR_ALL_SLOTS, 1, LARGEST_POLL);
    var slots = new Slots(settings.slotsPerLane());
    meters.inFlight(lane, slots);
    var sorting =
        new Delivery.Sorting(
            topics.work(lane).values().deserializer(),
            settings.timing(),
            providers::serves,
            underWay::withdrawn);
    Map<String, Object> config =
        consumer(kafka, name, Names.WORKERS + "-" + Topics.word(lane), atOnce);
    var bytes = new ByteArrayDeserializer();
    return new LaneWorker(
        name,
        topics.work(lane).name(),
        () -> new KafkaShareConsumer<>(config, bytes, bytes),
        atOnce,
        new Intake(
            new Reading(topics.work(lane)),
            sorting,
            slots,
            attempts,
            walker,
            results,
            meters,
            clock));
  }

  private static Map<String, Object> consumer(
      KafkaConnection kafka, String clientId, String group, int atOnce) {
    Map<String, Object> config = kafka.consumer(clientId);
    config.remove(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG); // unknown to share groups
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    config.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    config.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, atOnce);
    // A worker whose slots are full of long calls holds no records and stays a member.
    config.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, Integer.MAX_VALUE);
    return config;
  }

  /**
   * Takes nothing more, gives running calls a moment to end and lets the others go: their leases
   * run out, and another worker calls again. Takes less than three seconds.
   */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    lanes.forEach(LaneWorker::stop);
    jobs.ifPresent(JobTaker::stop);
    walker.stopRetrying();
    var calls = TimeLimit.in(grace);
    var consumers = TimeLimit.in(grace.plus(LEAVE));
    try {
      if (!idleUntil(calls)) {
        LOG.warn("closing with calls under way: another worker will repeat them");
      }
      letGo();
      for (LaneWorker lane : lanes) {
        lane.awaitLeft(consumers.left());
      }
      if (jobs.isPresent()) {
        jobs.get().awaitLeft(consumers.left());
      }
      cancellations.awaitLeft(consumers.left());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    letGo();
    states.close();
    chunks.close();
    results.close(FLUSH);
    providers.close();
    meters.close();
  }

  private boolean idleUntil(TimeLimit limit) throws InterruptedException {
    boolean idle = true;
    for (LaneWorker lane : lanes) {
      idle &= lane.awaitIdle(limit.left());
    }
    return idle;
  }

  private void letGo() {
    walker.letGo();
    cancellations.stop();
  }

  /** How long it takes at most to close when running calls may take so long to end. */
  static Duration longestClose(Duration grace) {
    return grace.plus(LEAVE).plus(ProviderStates.PARTING).plus(ChunkWriter.PARTING).plus(FLUSH);
  }
}
