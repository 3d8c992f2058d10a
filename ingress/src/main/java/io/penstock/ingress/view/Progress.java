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
 * another of the same name; the leader epochs tell a log from one that lost its end. One thread.
 */
final class Progress {
  private static final long NOTHING_READ = -1;
  private static final int NO_EPOCH = -1;

  private final Uuid topicId;
  private final long[] next;
  private final int[] epochs;

  private Progress(Uuid topicId, int partitions) {
    this.topicId = topicId;
    this.next = new long[partitions];
    this.epochs = new int[partitions];
    Arrays.fill(next, NOTHING_READ);
    Arrays.fill(epochs, NO_EPOCH);
  }

  static Progress none(Uuid topicId, int partitions) {
    return new Progress(topicId, partitions);
  }

  /** The stored progress, unless it is that of another topic or of one with fewer partitions. */
  static Optional<Progress> of(byte @Nullable [] stored, Uuid topicId, int partitions) {
    int size = 2 * Long.BYTES + partitions * (Long.BYTES + Integer.BYTES);
    if (stored == null || stored.length != size) {
      return Optional.empty();
    }
    var bytes = ByteBuffer.wrap(stored);
    if (!new Uuid(bytes.getLong(), bytes.getLong()).equals(topicId)) {
      return Optional.empty();
    }
    var progress = new Progress(topicId, partitions);
    for (int i = 0; i < partitions; i++) {
      progress.next[i] = bytes.getLong();
      progress.epochs[i] = bytes.getInt();
    }
    return Optional.of(progress);
  }

  byte[] toBytes() {
    var bytes =
        ByteBuffer.allocate(2 * Long.BYTES + next.length * (Long.BYTES + Integer.BYTES))
            .putLong(topicId.getMostSignificantBits())
            .putLong(topicId.getLeastSignificantBits());
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
