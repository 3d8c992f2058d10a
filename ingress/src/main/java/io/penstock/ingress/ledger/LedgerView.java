package io.penstock.ingress.ledger;

import io.penstock.ingress.view.Fold;
import io.penstock.ingress.view.Table;
import io.penstock.ingress.view.TopicView;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.CostEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The billing log summed up. Of each event id the highest revision counts, once, whatever is
 * repeated and whatever crashes. Any thread.
 */
public final class LedgerView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerView.class);

  private final Topic<String, CostEvent> billing;
  private final Duration patience;
  private final Map<Account, Sum> sums = new HashMap<>(); // guarded by itself
  private final TopicView view;

  private LedgerView(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, CostEvent> billing,
      Path directory,
      Duration patience) {
    this.billing = billing;
    this.patience = patience;
    this.view = TopicView.start(name, connection, admin, billing, new Summing(), directory, null);
  }

  /**
   * Starts a view; it catches up in the background.
   *
   * @param name of its thread and its consumer
   * @param admin stays the caller's
   * @param directory for this view alone
   * @param patience a report is as it stands when reading what is new takes longer
   */
  public static LedgerView start(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, CostEvent> billing,
      Path directory,
      Duration patience) {
    return new LedgerView(name, connection, admin, billing, directory, patience);
  }

  /**
   * The ledger with everything that was on the log when it was asked for, unless reading that takes
   * unusually long; empty while it is still being read for the first time.
   */
  public Optional<Report> report(Query query) {
    if (!view.caughtUp()) {
      return Optional.empty();
    }
    if (!view.catchUp(patience)) {
      LOG.debug("the ledger is shown as it stands");
    }
    synchronized (sums) {
      return Optional.of(Report.of(query, sums));
    }
  }

  /** Adds events up; on the view's thread. */
  private final class Summing implements Fold {
    private final Map<Account, Sum> changed = new HashMap<>();

    @Override
    public int format() {
      return Stored.FORMAT;
    }

    @Override
    public void restore(Table table) {
      var stored = new HashMap<Account, Sum>();
      table.scan(
          Stored.SUMS, (account, sum) -> stored.put(Stored.sumKey(account), Stored.sum(sum)));
      synchronized (sums) {
        sums.clear();
        sums.putAll(stored);
      }
    }

    @Override
    public void apply(
        Iterable<ConsumerRecord<byte[], byte[]>> records, Table table, Table.Changes changes) {
      changed.clear();
      var entries = new HashMap<String, Entry>();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        decoded(record).ifPresent(event -> take(event, entries, table));
      }
      entries.forEach((id, entry) -> changes.put(Stored.eventKey(id), Stored.event(entry)));
      changed.forEach((account, sum) -> changes.put(Stored.sumKey(account), Stored.sum(sum)));
    }

    private void take(CostEvent event, Map<String, Entry> entries, Table table) {
      Entry known = entries.get(event.getEventId());
      if (known == null) {
        byte[] stored = table.get(Stored.eventKey(event.getEventId()));
        known = stored == null ? null : Stored.event(stored);
      }
      if (known != null && known.revision() >= event.getRevision()) {
        return;
      }
      var entry = Entry.of(event);
      if (known != null) {
        changed.put(known.account(), current(known.account()).minus(Sum.of(known)));
      }
      changed.put(entry.account(), current(entry.account()).plus(Sum.of(entry)));
      entries.put(event.getEventId(), entry);
    }

    private Sum current(Account account) {
      Sum fresh = changed.get(account);
      if (fresh != null) {
        return fresh;
      }
      synchronized (sums) {
        return sums.getOrDefault(account, Sum.NOTHING);
      }
    }

    @Override
    public void written() {
      synchronized (sums) {
        sums.putAll(changed);
      }
    }
  }

  private Optional<CostEvent> decoded(ConsumerRecord<byte[], byte[]> record) {
    try {
      return Optional.ofNullable(
          billing.values().deserializer().deserialize(record.topic(), record.value()));
    } catch (UndecodableException e) {
      LOG.warn(
          "an event that cannot be read, in partition {} at {}",
          record.partition(),
          record.offset(),
          e);
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    view.close();
  }
}
