package io.penstock.ingress.files;

import io.penstock.schemas.avro.StoredFile;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A file that is being read, chunk by chunk. One thread. */
public final class FileReading implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(500);

  private final StoredFile file;
  private final byte[] key;
  private final TopicPartition partition;
  private final Consumer<byte[], byte[]> consumer;
  private final Runnable closed;
  private final Deque<byte[]> come = new ArrayDeque<>();
  private long position;
  private long left;

  FileReading(StoredFile file, String topic, Consumer<byte[], byte[]> consumer, Runnable closed) {
    this.file = file;
    this.key = file.getId().getBytes(StandardCharsets.UTF_8);
    this.partition = new TopicPartition(topic, file.getPartition());
    this.consumer = consumer;
    this.closed = closed;
    this.position = file.getFirstOffset();
    this.left = file.getBytes();
    consumer.assign(List.of(partition));
    consumer.seek(partition, position);
  }

  /**
   * The next bytes; null at the end.
   *
   * @throws FileException when there are none to be had
   */
  public byte @Nullable [] next() {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (come.isEmpty() && position <= file.getLastOffset()) {
      if (poll()) {
        until = System.nanoTime() + PATIENCE.toNanos();
      } else if (System.nanoTime() - until > 0) {
        throw new FileException.Unavailable("the broker does not hand over " + file.getId(), null);
      }
    }
    byte[] chunk = come.poll();
    if (chunk == null && left != 0) {
      throw gone(null);
    }
    left -= chunk == null ? 0 : chunk.length;
    return chunk;
  }

  /** Whether anything came, be it others' chunks. */
  private boolean poll() {
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() <= file.getLastOffset() && Arrays.equals(record.key(), key)) {
          come.add(record.value());
        }
      }
      long before = position;
      position = consumer.position(partition);
      return position > before;
    } catch (OffsetOutOfRangeException e) {
      throw gone(e);
    } catch (KafkaException e) {
      throw new FileException.Unavailable("the broker does not hand over " + file.getId(), e);
    }
  }

  private FileException gone(@Nullable Throwable cause) {
    return new FileException.Gone("the log no longer has all of " + file.getId(), cause);
  }

  @Override
  public void close() {
    try {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    } finally {
      closed.run();
    }
  }
}
