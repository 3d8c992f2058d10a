package io.penstock.workers;

import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The records that a lane has taken. Kafka delivers a record again when its acceptance was lost,
 * though the call has begun. For one thread.
 *
 * <p>Told by their offsets, because a repeated dispatch has its own, and must be called.
 */
final class Remembered {
  // Kafka's upper bound for group.share.partition.max.record.locks: no share group has more records
  // of a partition in its hands, so one further back cannot come again.
  private static final int MOST = 10_000;

  private final Set<Place> places = new LinkedHashSet<>();

  private record Place(int partition, long offset) {
    static Place of(ConsumerRecord<?, ?> record) {
      return new Place(record.partition(), record.offset());
    }
  }

  void add(ConsumerRecord<?, ?> record) {
    places.add(Place.of(record));
    if (places.size() > MOST) {
      var eldest = places.iterator();
      eldest.next();
      eldest.remove();
    }
  }

  boolean contains(ConsumerRecord<?, ?> record) {
    return places.contains(Place.of(record));
  }
}
