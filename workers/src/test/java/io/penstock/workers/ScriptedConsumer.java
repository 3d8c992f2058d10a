package io.penstock.workers;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.AcknowledgementCommitCallback;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockShareConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/** A share group that delivers what a test tells it, as often as it tells it. */
final class ScriptedConsumer extends MockShareConsumer<byte[], byte[]> {
  private final LinkedBlockingQueue<Supplier<List<ConsumerRecord<byte[], byte[]>>>> script =
      new LinkedBlockingQueue<>();
  private final List<AcknowledgeType> acknowledged = new CopyOnWriteArrayList<>();
  private final AtomicInteger polls = new AtomicInteger();
  private final AtomicReference<AcknowledgementCommitCallback> callback = new AtomicReference<>();

  /** Brings these with one of the next polls. */
  void deliver(List<ConsumerRecord<byte[], byte[]>> records) {
    script.add(() -> records);
  }

  /** Lets one of the next polls end so. */
  void fail(Error error) {
    script.add(() -> {
      throw error;
    });
  }

  List<AcknowledgeType> acknowledged() {
    return acknowledged;
  }

  int polls() {
    return polls.get();
  }

  AcknowledgementCommitCallback callback() {
    return requireNonNull(callback.get());
  }

  // Not synchronized, as it is in the class above: others tell it what to deliver meanwhile.
  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized")
  public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    polls.incrementAndGet();
    try {
      var told = script.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
      var records = told == null ? List.<ConsumerRecord<byte[], byte[]>>of() : told.get();
      return records.isEmpty()
          ? ConsumerRecords.empty()
          : new ConsumerRecords<>(
              Map.of(new TopicPartition(records.getFirst().topic(), 0), records), Map.of());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized")
  public void acknowledge(ConsumerRecord<byte[], byte[]> record, AcknowledgeType type) {
    acknowledged.add(type);
  }

  @Override
  public void setAcknowledgementCommitCallback(AcknowledgementCommitCallback told) {
    callback.set(told);
  }
}
