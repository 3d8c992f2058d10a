package io.penstock.ingress.files;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** A file that is being written; nobody finds it before its extent is told. One thread. */
public final class FileWriting extends OutputStream {
  private static final int MOST_UNDER_WAY = 8;

  private final String id;
  private final byte[] key;
  private final String topic;
  private final Producer<byte[], byte[]> producer;
  private final Deque<Future<RecordMetadata>> underWay = new ArrayDeque<>();
  private final byte[] chunk = new byte[FileLog.CHUNK_BYTES];
  private int filled;
  private long bytes;
  private @Nullable RecordMetadata first;
  private @Nullable RecordMetadata last;

  FileWriting(String id, String topic, Producer<byte[], byte[]> producer) {
    this.id = id;
    this.key = id.getBytes(StandardCharsets.UTF_8);
    this.topic = topic;
    this.producer = producer;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  /**
   * @throws FileException.Unavailable when the broker does not take what came before
   */
  @Override
  public void write(byte[] from, int offset, int length) {
    int done = 0;
    while (done < length) {
      if (filled == chunk.length) {
        send();
      }
      int part = Math.min(length - done, chunk.length - filled);
      System.arraycopy(from, offset + done, chunk, filled, part);
      filled += part;
      done += part;
    }
    bytes += length;
  }

  /** How much has been written. */
  public long bytes() {
    return bytes;
  }

  /**
   * Ends the file: all of it is durable when this returns.
   *
   * @throws FileException.Unavailable when the broker does not take it
   */
  public Extent end() {
    if (filled > 0 || bytes == 0) { // even an empty file lies somewhere
      send();
    }
    while (!underWay.isEmpty()) {
      settle();
    }
    if (first == null || last == null) {
      throw new IllegalStateException("nothing was written of " + id);
    }
    return new Extent(id, first.partition(), first.offset(), last.offset(), bytes);
  }

  private void send() {
    if (underWay.size() == MOST_UNDER_WAY) {
      settle();
    }
    try {
      underWay.add(producer.send(new ProducerRecord<>(topic, key, Arrays.copyOf(chunk, filled))));
    } catch (KafkaException | IllegalStateException e) {
      throw new FileException.Unavailable("the file could not be stored", e);
    }
    filled = 0;
  }

  private void settle() {
    try {
      last = underWay.remove().get();
      first = first == null ? last : first;
    } catch (ExecutionException e) {
      throw new FileException.Unavailable("the file could not be stored", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FileException.Unavailable("interrupted", e);
    }
  }
}
