package io.penstock.ingress.status;

import java.nio.ByteBuffer;
import java.util.Comparator;

/** Where in the responses topic a record is. */
public record Place(int partition, long offset) implements Comparable<Place> {
  private static final Comparator<Place> ORDER =
      Comparator.comparingInt(Place::partition).thenComparingLong(Place::offset);

  byte[] toBytes() {
    return ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
        .putInt(partition)
        .putLong(offset)
        .array();
  }

  static Place of(byte[] bytes) {
    var buffer = ByteBuffer.wrap(bytes);
    return new Place(buffer.getInt(), buffer.getLong());
  }

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }
}
