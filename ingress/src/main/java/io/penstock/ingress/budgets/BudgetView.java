package io.penstock.ingress.budgets;

import io.penstock.ingress.view.Fold;
import io.penstock.ingress.view.Table;
import io.penstock.ingress.view.TopicView;
import io.penstock.policies.budget.Budget;
import io.penstock.policies.budget.Budgets;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.BudgetState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The latest that was told of each budget. Any thread. */
public final class BudgetView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BudgetView.class);
  private static final Duration PATIENCE = Duration.ofMillis(500);
  private static final byte PREFIX = 'b';

  private final Topic<String, BudgetState> topic;
  private final Budgets configured;
  private final Map<String, BudgetState> states = new HashMap<>(); // guarded by itself
  private final TopicView view;

  private BudgetView(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, BudgetState> topic,
      Budgets configured,
      Path directory) {
    this.topic = topic;
    this.configured = configured;
    this.view = TopicView.start(name, connection, admin, topic, new Latest(), directory, null);
  }

  /**
   * Starts a view; it catches up in the background.
   *
   * @param name of its thread and its consumer
   * @param admin stays the caller's
   * @param configured those that are shown before anybody has used them
   * @param directory for this view alone
   */
  public static BudgetView start(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, BudgetState> topic,
      Budgets configured,
      Path directory) {
    return new BudgetView(name, connection, admin, topic, configured, directory);
  }

  /**
   * The balances of budgets, those of whole tenants first; empty while the log is still being read
   * for the first time.
   *
   * @param tenant whose; null for everybody's
   */
  public Optional<List<Balance>> balances(@Nullable String tenant, Instant now) {
    if (!view.caughtUp()) {
      return Optional.empty();
    }
    if (!view.catchUp(PATIENCE)) {
      LOG.debug("budgets are shown as they stand");
    }
    Map<String, Balance> byId = new HashMap<>();
    for (Budget budget : configured.all()) {
      byId.put(budget.id(), Balance.unused(budget, now));
    }
    synchronized (states) {
      states.forEach((id, state) -> byId.put(id, Balance.of(state, now)));
    }
    Stream<Balance> seen =
        byId.values().stream().filter(s -> tenant == null || tenant.equals(s.tenant()));
    return Optional.of(
        seen.sorted(
                Comparator.comparing(Balance::tenant)
                    .thenComparing(s -> Objects.requireNonNullElse(s.keyId(), ""))
                    .thenComparing(Balance::period)
                    .thenComparing(s -> !s.hard()))
            .toList());
  }

  /** Keeps the latest of each; on the view's thread. */
  private final class Latest implements Fold {
    private final Map<String, BudgetState> changed = new HashMap<>();

    @Override
    public int format() {
      return 1;
    }

    @Override
    public void restore(Table table) {
      var stored = new HashMap<String, BudgetState>();
      table.scan(
          PREFIX,
          (key, value) -> {
            String id = new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
            decoded(value).ifPresent(state -> stored.put(id, state));
          });
      changed.clear();
      synchronized (states) {
        states.clear();
        states.putAll(stored);
      }
    }

    @Override
    public void apply(
        Iterable<ConsumerRecord<byte[], byte[]>> records, Table table, Table.Changes changes) {
      changed.clear();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.key() != null && record.value() != null) {
          String id = new String(record.key(), StandardCharsets.UTF_8);
          decoded(record.value())
              .filter(state -> !earlier(state, known(id)))
              .ifPresent(state -> {
                changed.put(id, state);
                changes.put(key(id), record.value());
              });
        }
      }
    }

    private @Nullable BudgetState known(String id) {
      BudgetState latest = changed.get(id);
      if (latest != null) {
        return latest;
      }
      synchronized (states) {
        return states.get(id);
      }
    }

    @Override
    public void written() {
      synchronized (states) {
        states.putAll(changed);
      }
    }
  }

  /** Whether a state is that of a period before the known one's: it came late. */
  private static boolean earlier(BudgetState state, @Nullable BudgetState known) {
    Instant endsAt = state.getEndsAt();
    Instant knownEndsAt = known == null ? null : known.getEndsAt();
    return endsAt != null && knownEndsAt != null && endsAt.isBefore(knownEndsAt);
  }

  private static byte[] key(String id) {
    return ((char) PREFIX + id).getBytes(StandardCharsets.UTF_8);
  }

  private Optional<BudgetState> decoded(byte[] value) {
    try {
      return Optional.ofNullable(topic.values().deserializer().deserialize(topic.name(), value));
    } catch (UndecodableException e) {
      LOG.warn("what is told of a budget cannot be read", e);
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    view.close();
  }
}
