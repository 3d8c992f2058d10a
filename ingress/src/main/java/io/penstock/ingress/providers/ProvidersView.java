package io.penstock.ingress.providers;

import io.penstock.ingress.view.Fold;
import io.penstock.ingress.view.Table;
import io.penstock.ingress.view.TopicView;
import io.penstock.policies.calling.Announcing;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.ProviderState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the models stand, as the workers tell on the providers topic. What its worker has not
 * confirmed of late is left out. Any thread.
 */
public final class ProvidersView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProvidersView.class);
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /** Far longer than anything is believed without being confirmed. */
  private static final Duration KEPT = Duration.ofHours(1);

  private final Topic<String, ProviderState> topic;
  private final Announcing rules;
  private final InstantSource clock;
  private final Map<String, Finding> findings = new HashMap<>(); // by record key; guarded by itself
  private final TopicView view;

  private ProvidersView(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, ProviderState> topic,
      Path directory,
      Announcing rules,
      InstantSource clock) {
    this.topic = topic;
    this.rules = rules;
    this.clock = clock;
    this.view = TopicView.start(name, connection, admin, topic, new Keeping(), directory, KEPT);
  }

  /**
   * Starts a view; it catches up in the background.
   *
   * @param name of its thread and its consumer
   * @param admin stays the caller's
   * @param directory for this view alone
   */
  public static ProvidersView start(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, ProviderState> topic,
      Path directory,
      InstantSource clock) {
    return new ProvidersView(name, connection, admin, topic, directory, Announcing.DEFAULT, clock);
  }

  /**
   * Every model that a worker has told of lately, by provider and name; empty while the topic is
   * still being read for the first time.
   */
  public Optional<List<ModelState>> models() {
    if (!view.caughtUp()) {
      return Optional.empty();
    }
    if (!view.catchUp(PATIENCE)) {
      LOG.debug("the providers are shown as they stand");
    }
    Instant now = clock.instant();
    var byModel = new TreeMap<String, TreeMap<String, List<Finding>>>();
    synchronized (findings) {
      for (Finding each : findings.values()) {
        if (!rules.stale(each.state().getAt(), now)) {
          byModel
              .computeIfAbsent(each.state().getProvider(), _ -> new TreeMap<>())
              .computeIfAbsent(each.state().getModel(), _ -> new ArrayList<>())
              .add(each);
        }
      }
    }
    return Optional.of(
        byModel.values().stream()
            .flatMap(models -> models.values().stream())
            .map(ModelState::of)
            .toList());
  }

  /** Keeps what each worker told last; on the view's thread. */
  private final class Keeping implements Fold {
    private static final byte ENTRY = 1;

    private final Map<String, Optional<Finding>> changed = new HashMap<>();

    @Override
    public int format() {
      return 1;
    }

    @Override
    public void restore(Table table) {
      var stored = new HashMap<String, Finding>();
      table.scan(
          ENTRY,
          (key, value) -> {
            Finding finding = finding(value);
            if (finding != null) {
              stored.put(new String(key, 1, key.length - 1, StandardCharsets.UTF_8), finding);
            }
          });
      synchronized (findings) {
        findings.clear();
        findings.putAll(stored);
      }
    }

    @Override
    public void apply(
        Iterable<ConsumerRecord<byte[], byte[]>> records, Table table, Table.Changes changes) {
      changed.clear();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.key() != null) {
          take(new String(record.key(), StandardCharsets.UTF_8), record.value(), changes);
        }
      }
    }

    private void take(String key, byte @Nullable [] value, Table.Changes changes) {
      byte[] name = key.getBytes(StandardCharsets.UTF_8);
      byte[] entry = ByteBuffer.allocate(1 + name.length).put(ENTRY).put(name).array();
      ProviderState state = value == null ? null : decoded(value);
      if (value == null || state == null) {
        changed.put(key, Optional.empty());
        changes.put(entry, new byte[0]);
        return;
      }
      Finding before = known(key);
      Finding finding = before == null ? new Finding(state, state.getAt()) : before.then(state);
      changed.put(key, Optional.of(finding));
      changes.put(
          entry,
          ByteBuffer.allocate(Long.BYTES + value.length)
              .putLong(finding.since().toEpochMilli())
              .put(value)
              .array());
    }

    private @Nullable Finding known(String key) {
      Optional<Finding> fresh = changed.get(key);
      if (fresh != null) {
        return fresh.orElse(null);
      }
      synchronized (findings) {
        return findings.get(key);
      }
    }

    private @Nullable Finding finding(byte[] stored) {
      if (stored.length <= Long.BYTES) {
        return null;
      }
      var bytes = ByteBuffer.wrap(stored);
      Instant since = Instant.ofEpochMilli(bytes.getLong());
      byte[] value = new byte[bytes.remaining()];
      bytes.get(value);
      ProviderState state = decoded(value);
      return state == null ? null : new Finding(state, since);
    }

    @Override
    public void written() {
      Instant forgotten = clock.instant().minus(KEPT);
      synchronized (findings) {
        changed.forEach((key, finding) ->
            finding.ifPresentOrElse(found -> findings.put(key, found), () -> findings.remove(key)));
        // Workers that died left something behind which nobody will ever take back.
        findings.values().removeIf(each -> each.state().getAt().isBefore(forgotten));
      }
    }
  }

  private @Nullable ProviderState decoded(byte[] value) {
    try {
      return topic.values().deserializer().deserialize(topic.name(), value);
    } catch (UndecodableException e) {
      LOG.warn("the state of a provider cannot be read", e);
      return null;
    }
  }

  @Override
  public void close() {
    view.close();
  }
}
