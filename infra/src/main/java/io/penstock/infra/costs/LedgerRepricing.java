package io.penstock.infra.costs;

import io.penstock.policies.cost.Repricing;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.avro.CostEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Prices the billing log again. Reads the log as it is at the start; what it changes it writes
 * behind, under the next revision, so that every reader of the topic learns of it. Broken off and
 * begun again, it does what is left to do.
 *
 * @param from of the time in which the costs arose, inclusive
 * @param to exclusive
 */
public record LedgerRepricing(
    KafkaConnection connection,
    Topic<String, CostEvent> billing,
    Repricing repricing,
    Instant from,
    Instant to) {
  private static final Duration LINGER = Duration.ofMillis(5);
  private static final Duration DELIVERED_WITHIN = Duration.ofSeconds(30);

  /** Told of how far it is. */
  public interface Progress {
    /** So many records of so many have been read. */
    void read(long records, long of);
  }

  /**
   * What came of it.
   *
   * @param unreadable records that are no events
   */
  public record Outcome(
      TreeMap<String, Totals> byModel, Totals total, long unreadable, boolean written) {}

  /**
   * Looks, and writes when told to.
   *
   * @throws KafkaException when the log cannot be read or written
   */
  public Outcome run(boolean apply, Progress progress) throws InterruptedException {
    var byModel = new TreeMap<String, Totals>();
    try (var log = new BillingLog(connection, billing, from);
        var producer =
            new KafkaProducer<>(
                connection.producer("penstock-reprice", LINGER, DELIVERED_WITHIN),
                new StringSerializer(),
                new ByteArraySerializer())) {
      for (TopicPartition partition : log.partitions()) {
        var changed = new ArrayList<CostEvent>();
        for (CostEvent event :
            log.highest(partition, from, to, () -> progress.read(log.read(), log.size()))) {
          Repricing.Outcome outcome = repricing.again(event);
          byModel.merge(event.getModel(), Totals.of(event, outcome), Totals::plus);
          if (outcome instanceof Repricing.Outcome.Changed(var after, _)) {
            changed.add(after);
          }
        }
        if (apply) {
          write(producer, partition, changed);
        }
      }
      return new Outcome(
          byModel,
          byModel.values().stream().reduce(Totals.NOTHING, Totals::plus),
          log.unreadable(),
          apply);
    }
  }

  // Where the event was, so that its revisions stay in order for whoever reads one partition.
  private void write(
      KafkaProducer<String, byte[]> producer, TopicPartition partition, List<CostEvent> events)
      throws InterruptedException {
    var sent = new ArrayList<Future<?>>();
    for (CostEvent event : events) {
      byte[] value = billing.values().serializer().serialize(billing.name(), event);
      sent.add(
          producer.send(
              new ProducerRecord<>(
                  billing.name(), partition.partition(), event.getEventId(), value)));
    }
    producer.flush();
    for (Future<?> one : sent) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new KafkaException("not everything could be written: say it again", e.getCause());
      }
    }
  }
}
