package io.penstock.ingress.ledger;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How the ledger's table is written: events by id, and sums by account. */
final class Stored {
  /** To be raised whenever what is written changes: older tables are made anew from the log. */
  static final int FORMAT = 3;

  static final byte SUMS = 2;
  private static final byte EVENTS = 1;

  private Stored() {}

  static byte[] eventKey(String eventId) {
    byte[] id = eventId.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + id.length).put(EVENTS).put(id).array();
  }

  static byte[] event(Entry entry) {
    return bytes(entry::writeTo);
  }

  static Entry event(byte[] stored) {
    return read(stored, 0, Entry::readFrom);
  }

  static byte[] sumKey(Account account) {
    return bytes(out -> {
      out.writeByte(SUMS);
      account.writeTo(out);
    });
  }

  static Account sumKey(byte[] stored) {
    return read(stored, 1, Account::readFrom);
  }

  static byte[] sum(Sum sum) {
    return bytes(sum::writeTo);
  }

  static Sum sum(byte[] stored) {
    return read(stored, 0, Sum::readFrom);
  }

  private interface Writing {
    void to(DataOutput out) throws IOException;
  }

  private interface Reading<T> {
    T from(DataInputStream in) throws IOException;
  }

  private static byte[] bytes(Writing writing) {
    var bytes = new ByteArrayOutputStream(96);
    try {
      writing.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  private static <T> T read(byte[] stored, int from, Reading<T> reading) {
    try {
      return reading.from(
          new DataInputStream(new ByteArrayInputStream(stored, from, stored.length - from)));
    } catch (IOException e) {
      throw new UncheckedIOException("the ledger's table is not as it was written", e);
    }
  }
}
