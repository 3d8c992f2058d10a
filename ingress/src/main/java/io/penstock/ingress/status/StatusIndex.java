package io.penstock.ingress.status;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.penstock.client.RequestIds;
import io.penstock.ingress.view.Fold;
import io.penstock.ingress.view.Table;
import io.penstock.ingress.view.TableException;
import io.penstock.ingress.view.TopicView;
import io.penstock.policies.Reason;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.InferenceResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the response to any request of the cluster by its id, for as long as responses are
 * remembered. The index holds only where in the log a response is; the log holds the response. Any
 * thread.
 */
public final class StatusIndex implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusIndex.class);
  // To be raised whenever what is written changes.
  private static final int FORMAT = 1;
  private static final byte PLACE = 1;
  private static final long RECENT_BYTES = 64L * 1024 * 1024;
  private static final int ENVELOPE_BYTES = 1024;

  private final Topic<String, InferenceResponse> responses;
  private final PlaceReader reader;
  private final TopicView view;
  private final ResponseScan scan;
  private volatile @Nullable Hearer hearer;
  private final Cache<String, InferenceResponse> recent =
      Caffeine.newBuilder()
          .executor(Runnable::run) // a moment of housekeeping is cheaper than waking a thread
          .maximumWeight(RECENT_BYTES)
          .<String, InferenceResponse>weigher((_, response) -> weight(response))
          .build();

  private StatusIndex(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, InferenceResponse> responses,
      Path directory) {
    this.responses = responses;
    this.scan = new ResponseScan(name + "-scan", connection, responses);
    this.reader = new PlaceReader(name + "-lookup", connection, responses.name());
    this.view =
        TopicView.start(
            name, connection, admin, responses, new Places(), directory, Topics.REMEMBERED);
  }

  /**
   * Starts an index; it catches up in the background.
   *
   * @param name of its thread and its consumers
   * @param admin stays the caller's
   * @param directory for this index alone
   */
  public static StatusIndex start(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<String, InferenceResponse> responses,
      Path directory) {
    return new StatusIndex(name, connection, admin, responses, directory);
  }

  /** Keeps a response that has just come by, so that a look for it soon after reads no log. */
  public void saw(InferenceResponse response) {
    if (speaksForItsId(response)) {
      recent.put(response.getId(), response);
    }
  }

  /** Looks a response up; may read one record of the log, within {@code patience}. */
  public Lookup find(String id, Duration patience) {
    InferenceResponse seen = recent.getIfPresent(id);
    if (seen != null) {
      return new Lookup.Found(seen);
    }
    try {
      byte[] place = view.table().get(key(id.getBytes(StandardCharsets.UTF_8)));
      if (place == null) {
        return view.caughtUp() ? new Lookup.Unknown() : new Lookup.NotNow();
      }
      Optional<InferenceResponse> response =
          reader
              .read(Place.of(place), patience)
              .flatMap(this::decoded)
              .filter(found -> found.getId().equals(id));
      response.ifPresent(this::saw);
      return response.<Lookup>map(Lookup.Found::new).orElseGet(Lookup.Forgotten::new);
    } catch (KafkaException | TableException e) {
      LOG.warn("looking up a response: {}", e.toString());
      return new Lookup.NotNow();
    }
  }

  /** Whether everything has been read that was on the log when the index was started. */
  public boolean caughtUp() {
    return view.caughtUp();
  }

  /**
   * Waits until what is on the log now has been read.
   *
   * @return false when that takes too long
   */
  public boolean catchUp(Duration patience) {
    return view.catchUp(patience);
  }

  /** Where the response to a request is, if it has been read. */
  public Optional<Place> place(String id) {
    byte[] place = view.table().get(key(id.getBytes(StandardCharsets.UTF_8)));
    return Optional.ofNullable(place).map(Place::of);
  }

  /** Reads many responses. */
  public ResponseScan scan() {
    return scan;
  }

  /** From now on this one hears of responses to requests under idempotency keys. */
  public void toldTo(Hearer hearer) {
    this.hearer = hearer;
  }

  private Optional<InferenceResponse> decoded(ConsumerRecord<byte[], byte[]> record) {
    try {
      return Optional.ofNullable(
          responses.values().deserializer().deserialize(record.topic(), record.value()));
    } catch (UndecodableException e) {
      LOG.warn("a response that cannot be read, in partition {}", record.partition(), e);
      return Optional.empty();
    }
  }

  /**
   * A second text under an idempotency key is rejected under the id of the first: that rejection
   * says nothing of what became of the id.
   */
  private static boolean speaksForItsId(InferenceResponse response) {
    return response.getFailure() == null
        || !response.getFailure().getCode().equals(Reason.IDEMPOTENCY_KEY_REUSED.code());
  }

  private static int weight(InferenceResponse response) {
    return ENVELOPE_BYTES
        + (response.getAnswer() == null ? 0 : 2 * response.getAnswer().getText().length());
  }

  private static byte[] key(byte[] id) {
    return ByteBuffer.allocate(1 + id.length).put(PLACE).put(id).array();
  }

  /** Remembers where each response is, without reading what need not be read. */
  private final class Places implements Fold {
    private final Map<Place, InferenceResponse> awaited = new LinkedHashMap<>();

    @Override
    public int format() {
      return FORMAT;
    }

    @Override
    public void restore(Table table) {}

    @Override
    public void apply(
        Iterable<ConsumerRecord<byte[], byte[]>> records, Table table, Table.Changes changes) {
      awaited.clear();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        var place = new Place(record.partition(), record.offset());
        if (record.key() != null && record.value() != null && speaksForItsId(record, place)) {
          changes.put(key(record.key()), place.toBytes());
        }
      }
    }

    private boolean speaksForItsId(ConsumerRecord<byte[], byte[]> record, Place place) {
      String id = new String(record.key(), StandardCharsets.UTF_8);
      if (!RequestIds.mayBeClaimed(id)) {
        return true;
      }
      Optional<InferenceResponse> response = decoded(record).filter(StatusIndex::speaksForItsId);
      Hearer ear = hearer;
      if (ear != null && ear.waitsFor(id)) {
        response.ifPresent(its -> awaited.put(place, its));
      }
      return response.isPresent();
    }

    @Override
    public void written() {
      Hearer ear = hearer;
      if (ear != null) {
        awaited.forEach((place, response) -> ear.heard(response, place));
      }
      awaited.clear();
    }
  }

  @Override
  public void close() {
    view.close();
    reader.close();
  }
}
