package io.penstock.ingress.batches;

import io.penstock.ingress.view.Fold;
import io.penstock.ingress.view.Table;
import io.penstock.ingress.view.TopicView;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.BatchEvent;
import io.penstock.schemas.avro.StoredFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known of files and batches, whoever told of them. Any thread. */
public final class BatchView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchView.class);
  private static final byte PREFIX = 'b';

  private final Topic<String, BatchEvent> topic;
  private final Catalogue catalogue; // guarded by itself
  private final TopicView view;

  private BatchView(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, BatchEvent> topic,
      Path directory,
      InstantSource clock) {
    this.topic = topic;
    this.catalogue = new Catalogue(clock);
    this.view =
        TopicView.start(name, connection, admin, topic, new All(), directory, Topics.FILES_KEPT);
  }

  /**
   * Starts a view; it catches up in the background.
   *
   * @param name of its thread and its consumer
   * @param admin stays the caller's
   * @param directory for this view alone
   */
  public static BatchView start(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, BatchEvent> topic,
      Path directory,
      InstantSource clock) {
    return new BatchView(name, connection, admin, topic, directory, clock);
  }

  /** Whether everything has been read that was on the log when the view was started. */
  public boolean caughtUp() {
    return view.caughtUp();
  }

  /**
   * Waits until what is on the log now has been read, so that whoever was just answered by any
   * instance finds it here.
   *
   * @return false when that takes too long
   */
  public boolean catchUp(Duration patience) {
    return view.catchUp(patience);
  }

  /** A file that is there. */
  public Optional<StoredFile> file(String id) {
    synchronized (catalogue) {
      return catalogue.file(id);
    }
  }

  /** Files that are there, the newest first. */
  public List<StoredFile> files(Predicate<StoredFile> wanted) {
    synchronized (catalogue) {
      return catalogue.files(wanted);
    }
  }

  public Optional<Batch> batch(String id) {
    synchronized (catalogue) {
      return catalogue.batch(id);
    }
  }

  /** The newest first. */
  public List<Batch> batches(Predicate<Batch> wanted) {
    synchronized (catalogue) {
      return catalogue.batches(wanted);
    }
  }

  /** Batches that have not come to their end. */
  List<Batch> unfinished() {
    synchronized (catalogue) {
      return catalogue.unfinished();
    }
  }

  /** Keeps the last record of each key; on the view's thread. */
  private final class All implements Fold {
    private final List<BatchEvent> changed = new ArrayList<>();

    @Override
    public int format() {
      return 1;
    }

    @Override
    public void restore(Table table) {
      var stored = new ArrayList<BatchEvent>();
      table.scan(PREFIX, (_, value) -> decoded(value).ifPresent(stored::add));
      changed.clear();
      synchronized (catalogue) {
        catalogue.clear();
        stored.forEach(catalogue::take);
      }
    }

    @Override
    public void apply(
        Iterable<ConsumerRecord<byte[], byte[]>> records, Table table, Table.Changes changes) {
      changed.clear();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.key() != null && record.value() != null) {
          Optional<BatchEvent> event = decoded(record.value());
          if (event.isPresent() && catalogued(event.get())) {
            changed.add(event.get());
            changes.put(key(record.key()), record.value());
          }
        }
      }
    }

    /** Whether it may be kept: what a late owner says of a batch that is over may not. */
    private boolean catalogued(BatchEvent event) {
      synchronized (catalogue) {
        return catalogue.mayTake(event);
      }
    }

    @Override
    public void written() {
      synchronized (catalogue) {
        changed.forEach(catalogue::take);
        catalogue.forgetOld();
      }
    }
  }

  private static byte[] key(byte[] id) {
    return ((char) PREFIX + new String(id, StandardCharsets.UTF_8))
        .getBytes(StandardCharsets.UTF_8);
  }

  private Optional<BatchEvent> decoded(byte[] value) {
    try {
      return Optional.ofNullable(topic.values().deserializer().deserialize(topic.name(), value));
    } catch (UndecodableException e) {
      LOG.warn("what is told of a file or batch cannot be read", e);
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    view.close();
  }
}
