package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.policies.Reason;
import io.penstock.policies.calling.Timing;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.Candidate;
import io.penstock.workers.provider.Result;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** With a producer that is slow when it is told to be. */
class RenewalsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration LEASE = Duration.ofMillis(30);
  private static final Candidate CANDIDATE = new Candidate(Plant.PROVIDER, Plant.MODEL);

  private final Topics topics = new Topics("test.", 1, new MemoryRegistry());
  private final SlowProducer producer = new SlowProducer();
  private final Results results = new Results(topics, producer);
  private final Attempts attempts =
      new Attempts(Plant.settings("w", 1), results, InstantSource.system());
  private final Assignment assignment = Assignment.of(Plant.aDispatch(), List.of(CANDIDATE));
  private final Attempt attempt = attempts.next(assignment, 0, CANDIDATE);

  @Test
  void noRenewalIsWrittenBehindTheEnd() throws InterruptedException {
    try (var renewals = new Renewals(results, timing(), "w")) {
      var lease = renewals.hold(assignment.fingerprint(), attempt);
      producer.asked.await(); // A renewal is under way.
      var ender =
          Thread.ofPlatform()
              .start(() -> {
                lease.end();
                attempts.end(
                    assignment, attempt, Result.Failed.of(Reason.PROVIDER_ERROR, "no"), null, null);
              });
      await()
          .atMost(SOON)
          .until(() ->
              ender.getState() == Thread.State.BLOCKED
                  || ender.getState() == Thread.State.TERMINATED);
      producer.gate.countDown();
      ender.join();
      await().atMost(SOON).until(() -> written().size() >= 2);
      List<Object> written = written();
      assertThat(written.getLast()).isInstanceOf(AttemptEnded.class);
      assertThat(written.subList(0, written.size() - 1))
          .containsOnly(
              new AttemptRenewed(attempt.getId(), attempt.getDispatchId(), LEASE.toMillis()));
    }
  }

  @Test
  void aRenewalThatBeginsBehindTheEndIsNotWritten() {
    producer.gate.countDown();
    try (var renewals = new Renewals(results, Plant.TIMING, "w")) {
      var lease = renewals.hold(assignment.fingerprint(), attempt);
      lease.renew();
      lease.end();
      lease.renew();
      assertThat(written()).singleElement().isInstanceOf(AttemptRenewed.class);
    }
  }

  private List<Object> written() {
    var values = topics.results().values().deserializer();
    return producer.history().stream()
        .map(record -> values.deserialize(record.topic(), record.value()).getEvent())
        .toList();
  }

  private static Timing timing() {
    return new Timing(
        Timing.DEFAULT.lateGrace(),
        Timing.DEFAULT.longestCall(),
        Timing.DEFAULT.startPatience(),
        Plant.leases(LEASE));
  }

  /** Takes the first record only when it is let, as a producer does whose buffer is full. */
  private static final class SlowProducer extends MockProducer<byte[], byte[]> {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);

    SlowProducer() {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    // Not synchronized, as it is in the class above: others write meanwhile.
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
      if (asked.getCount() > 0) {
        asked.countDown();
        try {
          gate.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return super.send(record, callback);
    }
  }
}
