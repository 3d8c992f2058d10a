package io.penstock.ingress.ledger;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Events added up, in pico-dollars. Sums never overflow, and taking an event away again leaves
 * exactly what there was.
 *
 * @param estimated the part of {@code spent} that no provider reported
 * @param unknown events with an amount that is not known, which adds nothing
 */
public record Sum(
    long events, BigInteger spent, BigInteger avoided, BigInteger estimated, long unknown) {
  static final Sum NOTHING = new Sum(0, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, 0);

  static Sum of(Entry entry) {
    BigInteger spent = amount(entry.spentPico());
    return new Sum(
        1,
        spent,
        amount(entry.avoidedPico()),
        entry.guessed() ? spent : BigInteger.ZERO,
        entry.unknown() ? 1 : 0);
  }

  Sum plus(Sum other) {
    return new Sum(
        events + other.events,
        spent.add(other.spent),
        avoided.add(other.avoided),
        estimated.add(other.estimated),
        unknown + other.unknown);
  }

  Sum minus(Sum other) {
    return new Sum(
        events - other.events,
        spent.subtract(other.spent),
        avoided.subtract(other.avoided),
        estimated.subtract(other.estimated),
        unknown - other.unknown);
  }

  private static BigInteger amount(@Nullable Long pico) {
    return pico == null ? BigInteger.ZERO : BigInteger.valueOf(pico);
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeLong(events);
    write(out, spent);
    write(out, avoided);
    write(out, estimated);
    out.writeLong(unknown);
  }

  static Sum readFrom(DataInput in) throws IOException {
    return new Sum(in.readLong(), read(in), read(in), read(in), in.readLong());
  }

  private static void write(DataOutput out, BigInteger amount) throws IOException {
    byte[] bytes = amount.toByteArray();
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static BigInteger read(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new BigInteger(bytes);
  }
}
