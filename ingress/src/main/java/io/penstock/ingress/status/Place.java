package io.penstock.ingress.status;

import java.nio.ByteBuffer;

/** Where in the responses topic a record is. */
record Place(int partition, long offset) {
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
}
