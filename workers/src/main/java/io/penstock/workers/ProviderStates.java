package io.penstock.workers;

import io.penstock.policies.calling.Announcing;
import io.penstock.policies.calling.Announcing.News;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.ProviderState;
import io.penstock.workers.provider.Providers;
import io.penstock.workers.provider.Standing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells on the providers topic how this worker finds each model that it calls: on a thread of its
 * own, so that a broker that is away holds up nobody else. What could not be told is told again
 * with the next confirmation.
 */
final class ProviderStates implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProviderStates.class);
  private static final Duration TICK = Duration.ofMillis(250);
  private static final Duration DELIVERY = Duration.ofSeconds(10);
  private static final Duration LONGEST_BLOCK = Duration.ofSeconds(1);
  private static final int BUFFER_BYTES = 4 * 1024 * 1024;

  // Of more changes within a tick the last state of each is enough.
  private static final int MOST_CHANGES = 10_000;

  /** How long closing takes at most. */
  static final Duration PARTING = Duration.ofMillis(200);

  private final Providers providers;
  private final Topic<String, ProviderState> topic;
  private final Producer<byte[], byte[]> producer;
  private final String worker;
  private final Announcing rules;
  private final InstantSource clock;
  private final Duration parting;
  private final LinkedBlockingQueue<Standing> changes = new LinkedBlockingQueue<>(MOST_CHANGES);
  private final Map<Key, Said> said = new HashMap<>(); // of the thread alone
  private final Thread thread;
  private volatile boolean closing;

  private record Key(String provider, String model) {
    static Key of(Standing standing) {
      return new Key(standing.provider(), standing.model());
    }
  }

  private record Said(Standing standing, Instant at) {}

  /**
   * @param parting how long closing may take
   */
  ProviderStates(
      Providers providers,
      Topic<String, ProviderState> topic,
      Producer<byte[], byte[]> producer,
      String worker,
      Announcing rules,
      InstantSource clock,
      Duration parting) {
    this.providers = providers;
    this.topic = topic;
    this.producer = producer;
    this.worker = worker;
    this.rules = rules;
    this.clock = clock;
    this.parting = parting;
    this.thread = Thread.ofPlatform().daemon().name(worker + "-providers").unstarted(this::run);
  }

  static ProviderStates of(
      KafkaConnection kafka,
      Topics topics,
      Providers providers,
      String worker,
      InstantSource clock) {
    Map<String, Object> config = kafka.producer(worker + "-providers", Duration.ZERO, DELIVERY);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, LONGEST_BLOCK.toMillis());
    var bytes = new ByteArraySerializer();
    return new ProviderStates(
        providers,
        topics.providers(),
        new KafkaProducer<>(config, bytes, bytes),
        worker,
        Announcing.DEFAULT,
        clock,
        PARTING);
  }

  void start() {
    providers.watch(changes::offer);
    thread.start();
  }

  private void run() {
    try {
      long lookAt = System.nanoTime();
      while (!closing) {
        Standing change = changes.poll(lookAt - System.nanoTime(), TimeUnit.NANOSECONDS);
        try {
          if (change != null) {
            tellChange(change);
          }
          if (System.nanoTime() - lookAt >= 0) {
            lookAt = System.nanoTime() + TICK.toNanos();
            tellAll();
          }
        } catch (RuntimeException e) { // A bug must not end it for good.
          LOG.error("the state of providers could not be told", e);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("stopped by {}", e.toString());
    }
    Thread.interrupted(); // An interrupted thread could send nothing.
    List.copyOf(said.keySet()).forEach(this::forget); // A worker that is gone finds nothing.
  }

  /** Tells a change of a breaker, unless a later look has told what came of it. */
  private void tellChange(Standing standing) {
    Said last = said.get(Key.of(standing));
    if (last == null || last.standing.changes() < standing.changes()) {
      tell(standing);
    }
  }

  /** Tells all that is due, and forgets what this worker has forgotten. */
  private void tellAll() {
    for (Standing change = changes.poll(); change != null; change = changes.poll()) {
      tellChange(change);
    }
    providers.forget(clock.instant().minus(rules.idle()));
    var known = new HashSet<Key>();
    for (Standing standing : providers.standings()) {
      known.add(Key.of(standing));
      tell(standing);
    }
    List<Key> gone = new ArrayList<>(said.keySet());
    gone.removeAll(known);
    gone.forEach(this::forget);
  }

  private void tell(Standing standing) {
    Said last = said.get(Key.of(standing));
    Instant now = clock.instant();
    News news = last == null ? News.NONE : standing.since(last.standing);
    switch (rules.step(news, last == null ? null : last.at, standing.usedAt(), now)) {
      case SAY -> {
        said.put(Key.of(standing), new Said(standing, now));
        send(Key.of(standing), state(standing, now));
      }
      case KEEP_QUIET -> {}
      case FORGET -> forget(Key.of(standing));
    }
  }

  private void forget(Key key) {
    said.remove(key);
    send(key, null);
  }

  private ProviderState state(Standing standing, Instant now) {
    return new ProviderState(
        worker,
        standing.provider(),
        standing.model(),
        now,
        standing.breaker(),
        standing.openUntil(),
        standing.reason() == null ? null : standing.reason().code(),
        standing.remainingRequests(),
        standing.remainingTokens(),
        standing.resetAt(),
        standing.limit());
  }

  private void send(Key key, @Nullable ProviderState state) {
    try {
      String name = worker + "/" + key.provider + "/" + key.model;
      byte[] bytes = topic.keys().serializer().serialize(topic.name(), name);
      byte[] value =
          state == null ? null : topic.values().serializer().serialize(topic.name(), state);
      var _ =
          producer.send(
              new ProducerRecord<>(topic.name(), bytes, value),
              (metadata, failure) -> {
                if (failure != null) {
                  LOG.debug("the state of {} was not written", name, failure);
                }
              });
    } catch (RuntimeException e) { // The registry, the broker: neither is a reason to stop.
      LOG.debug("the state of {} could not be written now", key, e);
    }
  }

  /** Takes back what it told. */
  @Override
  public void close() {
    var limit = TimeLimit.in(parting);
    closing = true;
    thread.interrupt();
    try {
      thread.join(limit.left());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(limit.passed() ? Duration.ZERO : limit.left());
  }
}
