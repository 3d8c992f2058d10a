package io.penstock.ingress.view;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * How far a topic has been read, stored beside what was read. The topic's id tells a topic from
 * another of the same name; the leader epochs tell a log from one that lost its end; the format
 * tells how the rest is written. One thread.
 */
final class Progress {
  private static final long NOTHING_READ = -1;
  private static final int NO_EPOCH = -1;

  // Progress that says nothing of a format is that of the first one.
  private static final int FIRST_FORMAT = 1;

  private final Uuid topicId;
  private final int format;
  private final long[] next;
  private final int[] epochs;

  private Progress(Uuid topicId, int partitions, int format) {
    this.topicId = topicId;
    this.format = format;
    this.next = new long[partitions];
    this.epochs = new int[partitions];
    Arrays.fill(next, NOTHING_READ);
    Arrays.fill(epochs, NO_EPOCH);
  }

  static Progress none(Uuid topicId, int partitions, int format) {
    return new Progress(topicId, partitions, format);
  }

  /**
   * The stored progress, unless it is that of another topic, of one with fewer partitions, or of
   * entries in another format.
   */
  static Optional<Progress> of(byte @Nullable [] stored, Uuid topicId, int partitions, int format) {
    if (stored == null || stored.length != size(partitions, format)) {
      return Optional.empty();
    }
    var bytes = ByteBuffer.wrap(stored);
    if (!new Uuid(bytes.getLong(), bytes.getLong()).equals(topicId)
        || (format != FIRST_FORMAT && bytes.getInt() != format)) {
      return Optional.empty();
    }
    var progress = new Progress(topicId, partitions, format);
    for (int i = 0; i < partitions; i++) {
      progress.next[i] = bytes.getLong();
      progress.epochs[i] = bytes.getInt();
    }
    return Optional.of(progress);
  }

  private static int size(int partitions, int format) {
    int stated = format == FIRST_FORMAT ? 0 : Integer.BYTES;
    return 2 * Long.BYTES + stated + partitions * (Long.BYTES + Integer.BYTES);
  }

  byte[] toBytes() {
    var bytes =
        ByteBuffer.allocate(size(next.length, format))
            .putLong(topicId.getMostSignificantBits())
            .putLong(topicId.getLeastSignificantBits());
    if (format != FIRST_FORMAT) {
      bytes.putInt(format);
    }
    for (int i = 0; i < next.length; i++) {
      bytes.putLong(next[i]).putInt(epochs[i]);
    }
    return bytes.array();
  }

  void passed(ConsumerRecord<byte[], byte[]> record) {
    next[record.partition()] = record.offset() + 1;
    epochs[record.partition()] = record.leaderEpoch().orElse(NO_EPOCH);
  }

  /** Where to read on; empty for the beginning. */
  Optional<OffsetAndMetadata> next(int partition) {
    if (next[partition] == NOTHING_READ) {
      return Optional.empty();
    }
    Optional<Integer> epoch =
        epochs[partition] == NO_EPOCH ? Optional.empty() : Optional.of(epochs[partition]);
    return Optional.of(new OffsetAndMetadata(next[partition], epoch, ""));
  }
}
