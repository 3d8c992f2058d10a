package io.penstock.ingress.ledger;

import io.penstock.schemas.avro.Provenance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Events added up, in pico-dollars. Sums never overflow, and taking an event away again leaves
 * exactly what there was.
 *
 * @param estimated the part of {@code spent} that no provider reported, or not all of
 * @param orphaned the part of {@code estimated} whose worker vanished
 * @param tokens read and written together
 * @param cachedTokens the part of {@code tokens} that providers found in their own cache
 * @param unknown events with an amount that is not known, which adds nothing
 * @param unknownTokens the part of {@code tokens} that is theirs
 */
public record Sum(
    long events,
    BigInteger spent,
    BigInteger avoided,
    BigInteger estimated,
    BigInteger orphaned,
    BigInteger tokens,
    BigInteger cachedTokens,
    long unknown,
    BigInteger unknownTokens) {
  private static final BigInteger NONE = BigInteger.ZERO;
  static final Sum NOTHING = new Sum(0, NONE, NONE, NONE, NONE, NONE, NONE, 0, NONE);

  static Sum of(Entry entry) {
    BigInteger spent = amount(entry.spentPico());
    Account account = entry.account();
    return new Sum(
        1,
        spent,
        amount(entry.avoidedPico()),
        account.guessed() ? spent : NONE,
        account.provenance() == Provenance.ORPHANED ? spent : NONE,
        entry.tokens(),
        entry.cachedTokens(),
        entry.unknown() ? 1 : 0,
        entry.unknown() ? entry.tokens() : NONE);
  }

  /** What there would have been to pay, had every answer been a call of its own. */
  public BigInteger baseline() {
    return spent.add(avoided);
  }

  Sum plus(Sum other) {
    return new Sum(
        events + other.events,
        spent.add(other.spent),
        avoided.add(other.avoided),
        estimated.add(other.estimated),
        orphaned.add(other.orphaned),
        tokens.add(other.tokens),
        cachedTokens.add(other.cachedTokens),
        unknown + other.unknown,
        unknownTokens.add(other.unknownTokens));
  }

  Sum minus(Sum other) {
    return new Sum(
        events - other.events,
        spent.subtract(other.spent),
        avoided.subtract(other.avoided),
        estimated.subtract(other.estimated),
        orphaned.subtract(other.orphaned),
        tokens.subtract(other.tokens),
        cachedTokens.subtract(other.cachedTokens),
        unknown - other.unknown,
        unknownTokens.subtract(other.unknownTokens));
  }

  private static BigInteger amount(@Nullable Long pico) {
    return pico == null ? NONE : BigInteger.valueOf(pico);
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeLong(events);
    write(out, spent);
    write(out, avoided);
    write(out, estimated);
    write(out, orphaned);
    write(out, tokens);
    write(out, cachedTokens);
    out.writeLong(unknown);
    write(out, unknownTokens);
  }

  static Sum readFrom(DataInput in) throws IOException {
    return new Sum(
        in.readLong(),
        read(in),
        read(in),
        read(in),
        read(in),
        read(in),
        read(in),
        in.readLong(),
        read(in));
  }

  static void write(DataOutput out, BigInteger amount) throws IOException {
    byte[] bytes = amount.toByteArray();
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static BigInteger read(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new BigInteger(bytes);
  }
}
