package io.penstock.ingress.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.StoredFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class FileReadingTest {
  private static final TopicPartition PARTITION = new TopicPartition("files", 2);

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
  private final AtomicInteger closed = new AtomicInteger();
  private final List<String> lines = new ArrayList<>();

  @Test
  void linesAreWholeWhereverChunksEndAndWhateverLiesBetween() throws InterruptedException {
    try (var reading = reading(28, 9)) {
      chunk(4, "other", "foreign\n");
      chunk(5, "mine", "first\r\n  \n\nsec");
      chunk(6, "other", "foreign\n");
      chunk(7, "mine", "ond\nthird");
      chunk(8, "other", "foreign\n");
      chunk(9, "mine", " line");
      chunk(10, "mine", "not of it");
      FileLines.each(reading, 100, this::take);
    }
    assertThat(lines).containsExactly("1:first\r", "4:second", "5:third line");
    assertThat(closed).hasValue(1);
  }

  @Test
  void ofALineThatIsTooLongOnlyTheBeginningIsHeld() throws InterruptedException {
    try (var reading = reading(24, 6)) {
      chunk(5, "mine", "0123456789");
      chunk(6, "mine", "0123456789\nabc");
      FileLines.each(reading, 12, this::take);
    }
    assertThat(lines).containsExactly("1:0123456789012", "2:abc");
  }

  @Test
  void whoeverHasSeenEnoughReadsNoFurther() throws InterruptedException {
    try (var reading = reading(6, 5)) {
      chunk(5, "mine", "a\nb\nc\n");
      FileLines.each(reading, 12, (line, number) -> take(line, number) && number < 2);
    }
    assertThat(lines).containsExactly("1:a", "2:b");
  }

  @Test
  void aFileThatIsNotAllThereIsGone() {
    try (var reading = reading(6, 6)) {
      chunk(5, "mine", "abc");
      chunk(6, "other", "def");
      assertThat(reading.next()).hasSize(3);
      assertThatThrownBy(reading::next).isInstanceOf(FileException.Gone.class);
    }
  }

  private boolean take(byte[] line, int number) {
    return lines.add(number + ":" + new String(line, UTF_8));
  }

  private FileReading reading(long bytes, long last) {
    var file =
        new StoredFile(
            "mine", "acme", "f", "batch", bytes, Instant.EPOCH, Instant.MAX, 2, 5L, last);
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    return new FileReading(file, "files", consumer, closed::incrementAndGet);
  }

  private void chunk(long offset, String file, String bytes) {
    consumer.addRecord(
        new ConsumerRecord<>("files", 2, offset, file.getBytes(UTF_8), bytes.getBytes(UTF_8)));
  }
}
