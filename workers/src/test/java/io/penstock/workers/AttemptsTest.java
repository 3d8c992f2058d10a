package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.policies.Reason;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/**
 * With Kafka's own stand-in for a producer, because a real broker cannot be told when to be slow.
 */
class AttemptsTest {
  private static final Candidate CANDIDATE = new Candidate(Plant.PROVIDER, Plant.MODEL);
  private static final Duration LONG = Duration.ofDays(1);
  private static final Duration TAKEN_UP = Duration.ofSeconds(15);

  private final Topics topics = new Topics("test.", 1, new MemoryRegistry());
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Attempts attempts =
      new Attempts(
          Plant.settings("w", 1),
          new Results(topics, producer),
          InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z")));
  private final Assignment assignment = Assignment.of(Plant.aDispatch(), List.of(CANDIDATE));
  private final Attempt attempt = attempts.next(assignment, 0, CANDIDATE);
  private final List<String> done = new ArrayList<>();

  @Test
  void theCallBeginsWhenItsStartIsDurable() {
    var opening = open(LONG);
    assertThat(done).isEmpty();
    producer.completeNext();
    assertThat(done).containsExactly("begin");
    assertThat(opening.begins()).isTrue();
    assertThat(written()).singleElement().isInstanceOf(AttemptStarted.class);
  }

  @Test
  void aStartThatIsDurableTooLateIsEndedWithoutACall() {
    assertThat(open(Duration.ZERO).begins()).isFalse();
    producer.completeNext();
    assertThat(done).containsExactly("forgo");
    assertThat(written()).hasSize(2);
    assertThat(written().getLast())
        .isInstanceOfSatisfying(
            AttemptEnded.class,
            ended -> {
              assertThat(ended.getAttempt()).isEqualTo(attempt);
              assertThat(((Failure) ended.getOutcome()).getCode())
                  .isEqualTo(Reason.UNAVAILABLE.code());
              assertThat(ended.getRetryAfterMs()).isEqualTo(TAKEN_UP.toMillis());
            });
  }

  @Test
  void aStartThatIsNeverDurableNeedsNoEnd() {
    assertThat(open(Duration.ZERO).begins()).isFalse();
    producer.errorNext(new TimeoutException("no broker"));
    assertThat(done).containsExactly("forgo");
    assertThat(written()).hasSize(1);
  }

  @Test
  void whatCannotEvenBeSentIsForgone() {
    producer.sendException = new TimeoutException("no metadata");
    assertThat(open(LONG).begins()).isFalse();
    assertThat(done).containsExactly("forgo");
  }

  private Opening open(Duration patience) {
    return attempts.open(
        assignment,
        attempt,
        TimeLimit.in(patience),
        TAKEN_UP,
        () -> done.add("begin"),
        () -> done.add("forgo"));
  }

  private List<Object> written() {
    var values = topics.results().values().deserializer();
    return producer.history().stream()
        .map(record -> values.deserialize(record.topic(), record.value()).getEvent())
        .toList();
  }
}
