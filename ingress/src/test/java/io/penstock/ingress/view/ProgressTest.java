package io.penstock.ingress.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final Uuid TOPIC = new Uuid(1, 2);

  @Test
  void whatWasReadIsRememberedWithItsEpoch() {
    var progress = Progress.none(TOPIC, 3, 2);
    progress.passed(record(1, 41, 5));
    var again = Progress.of(progress.toBytes(), TOPIC, 3, 2).orElseThrow();
    assertThat(again.next(0)).isEmpty();
    assertThat(again.next(1)).contains(new OffsetAndMetadata(42, Optional.of(5), ""));
  }

  @Test
  void theProgressOfAnotherTopicOrAnotherCountOfPartitionsIsNone() {
    byte[] stored = Progress.none(TOPIC, 3, 2).toBytes();
    assertThat(Progress.of(stored, new Uuid(1, 3), 3, 2)).isEmpty();
    assertThat(Progress.of(stored, TOPIC, 4, 2)).isEmpty();
    assertThat(Progress.of(null, TOPIC, 3, 2)).isEmpty();
  }

  @Test
  void theProgressOfEntriesInAnotherFormatIsNone() {
    byte[] second = Progress.none(TOPIC, 3, 2).toBytes();
    byte[] first = Progress.none(TOPIC, 3, 1).toBytes();
    assertThat(Progress.of(second, TOPIC, 3, 3)).isEmpty();
    assertThat(Progress.of(second, TOPIC, 3, 1)).isEmpty();
    assertThat(Progress.of(first, TOPIC, 3, 2)).isEmpty();
    assertThat(Progress.of(first, TOPIC, 3, 1)).isPresent();
  }

  @Test
  void whatAnEarlierReleaseWroteIsOfTheFirstFormat() {
    byte[] written =
        ByteBuffer.allocate(16 + 12).putLong(1).putLong(2).putLong(42).putInt(5).array();
    assertThat(Progress.of(written, TOPIC, 1, 1).orElseThrow().next(0))
        .contains(new OffsetAndMetadata(42, Optional.of(5), ""));
  }

  private static ConsumerRecord<byte[], byte[]> record(int partition, long offset, int epoch) {
    return new ConsumerRecord<>(
        "topic",
        partition,
        offset,
        0,
        TimestampType.CREATE_TIME,
        0,
        0,
        new byte[0],
        new byte[0],
        new RecordHeaders(),
        Optional.of(epoch));
  }
}
