package io.penstock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.schemas.Messages;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class RequestProducerTest {
  // First, for no record can be built before the catalogue has told Avro that ours may be.
  private static final Topics TOPICS = new Topics("penstock.", 4, new MemoryRegistry());
  private static final InferenceRequest REQUEST =
      InferenceRequest.newBuilder()
          .setId("id")
          .setMessages(List.of(Messages.text("user", "hello")))
          .build();

  /** A producer whose buffer has no room for the first few records. */
  private static final class Crowded extends MockProducer<byte[], byte[]> {
    private int refusals;

    private Crowded(int refusals) {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
      this.refusals = refusals;
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, Callback callback) {
      if (refusals == 0) {
        return super.send(record, callback);
      }
      refusals--;
      var full = new BufferExhaustedException("full");
      callback.onCompletion(null, full);
      return CompletableFuture.failedFuture(full);
    }
  }

  @Test
  void oneOfManyWaitsForAsLongAsTheBufferIsFull() {
    try (var producer = producer(new Crowded(3))) {
      assertThat(producer.send(Lane.BATCH, REQUEST, Duration.ofMinutes(1)))
          .succeedsWithin(Duration.ofMinutes(1));
    }
  }

  @Test
  void whoeverSendsOneOnlyIsToldAtOnceThatTheBufferIsFull() {
    try (var producer = producer(new Crowded(1))) {
      assertThat(producer.send(Lane.BATCH, REQUEST).exceptionNow())
          .isInstanceOf(ClientException.Unavailable.class);
    }
  }

  @Test
  void oneOfManyIsNotSentWhenThePatienceIsUsedUp() {
    var kafka = new Crowded(0);
    try (var producer = producer(kafka)) {
      assertThat(producer.send(Lane.BATCH, REQUEST, Duration.ZERO).exceptionNow())
          .isInstanceOf(ClientException.Unavailable.class);
      assertThat(kafka.history()).isEmpty();
    }
  }

  @Test
  void closingLetsWhatIsUnderWayGoForAMoment() {
    var patience = new ArrayList<Duration>();
    var kafka =
        new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public void close(Duration timeout) {
            patience.add(timeout);
            completeNext();
            super.close(timeout);
          }
        };
    CompletableFuture<Void> accepted;
    try (var producer = producer(kafka)) {
      accepted = producer.send(Lane.BATCH, REQUEST);
      assertThat(accepted).isNotDone();
    }
    assertThat(accepted).isCompleted();
    assertThat(patience).containsExactly(RequestProducer.LAST_SENDS);
  }

  private static RequestProducer producer(MockProducer<byte[], byte[]> kafka) {
    return new RequestProducer(TOPICS, kafka);
  }
}
