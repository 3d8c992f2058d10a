package io.penstock.ingress.files;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.avro.StoredFile;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of files, on the log and nowhere else. A file is written under an id that nobody used
 * before, so that what a broken attempt left behind is nobody's. Any thread.
 */
public final class FileLog implements AutoCloseable {
  static final int CHUNK_BYTES = 512 * 1024;

  // A chunk is bulk: it may wait longer than a request.
  private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration PARTING = Duration.ofMillis(100);

  // Each holds a few chunks that it has read ahead.
  private static final int READERS = 16;
  private static final int CHUNKS_AT_ONCE = 8;

  private final String name;
  private final KafkaConnection connection;
  private final Topic<String, byte[]> topic;
  private final Semaphore readers = new Semaphore(READERS, true);
  private @Nullable Producer<byte[], byte[]> producer; // guarded by this; made when first needed
  private boolean closed; // guarded by this

  /**
   * @param name of its clients
   */
  public FileLog(String name, KafkaConnection connection, Topic<String, byte[]> topic) {
    this.name = name;
    this.connection = connection;
    this.topic = topic;
  }

  /** Begins to write the file with this id, which must be new. */
  public FileWriting write(String id) {
    return new FileWriting(id, topic.name(), producer());
  }

  /**
   * Begins to read a file.
   *
   * @throws FileException.Unavailable when too many are being read
   */
  public FileReading read(StoredFile file) {
    try {
      if (!readers.tryAcquire(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new FileException.Unavailable("too many files are being read at once", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FileException.Unavailable("interrupted", e);
    }
    try {
      var consumer =
          new KafkaConsumer<>(reading(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
      return new FileReading(file, topic.name(), consumer, readers::release);
    } catch (RuntimeException e) {
      readers.release();
      throw e;
    }
  }

  private synchronized Producer<byte[], byte[]> producer() {
    if (closed) {
      throw new FileException.Unavailable("this instance is closing", null);
    }
    if (producer == null) {
      producer =
          new KafkaProducer<>(writing(), new ByteArraySerializer(), new ByteArraySerializer());
    }
    return producer;
  }

  private Map<String, Object> writing() {
    var config = connection.producer(name + "-files", Duration.ZERO, DELIVERY_TIMEOUT);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    return config;
  }

  private Map<String, Object> reading() {
    var config = connection.consumer(name + "-file-reading");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, CHUNKS_AT_ONCE);
    return config;
  }

  @Override
  public void close() {
    Producer<byte[], byte[]> last;
    synchronized (this) {
      closed = true;
      last = producer;
    }
    if (last != null) {
      last.close(PARTING);
    }
  }
}
