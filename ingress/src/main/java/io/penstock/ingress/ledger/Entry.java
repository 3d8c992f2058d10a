package io.penstock.ingress.ledger;

import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Usage;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger keeps of an event, so that a later revision can take its place.
 *
 * @param spentPico null when unknown
 * @param avoidedPico null when unknown
 * @param tokens read and written together
 * @param cachedTokens those that the provider found in its own cache
 */
record Entry(
    int revision,
    Account account,
    @Nullable Long spentPico,
    @Nullable Long avoidedPico,
    BigInteger tokens,
    BigInteger cachedTokens) {

  static Entry of(CostEvent event) {
    return new Entry(
        event.getRevision(),
        Account.of(event),
        event.getSpentPicoUsd(),
        event.getAvoidedPicoUsd(),
        tokens(event.getUsage()),
        cachedTokens(event.getUsage()));
  }

  private static BigInteger tokens(@Nullable Usage usage) {
    return usage == null
        ? BigInteger.ZERO
        : LongStream.of(
                usage.getUncachedInput(),
                usage.getCacheRead(),
                usage.getCacheWrite(),
                usage.getCacheWriteLong(),
                usage.getOutput())
            .mapToObj(BigInteger::valueOf)
            .reduce(BigInteger.ZERO, BigInteger::add);
  }

  private static BigInteger cachedTokens(@Nullable Usage usage) {
    return usage == null ? BigInteger.ZERO : BigInteger.valueOf(usage.getCacheRead());
  }

  /** Whether an amount is unknown, which is not the same as zero. */
  boolean unknown() {
    return spentPico == null || avoidedPico == null;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeInt(revision);
    account.writeTo(out);
    writeAmount(out, spentPico);
    writeAmount(out, avoidedPico);
    Sum.write(out, tokens);
    Sum.write(out, cachedTokens);
  }

  static Entry readFrom(DataInput in) throws IOException {
    return new Entry(
        in.readInt(),
        Account.readFrom(in),
        readAmount(in),
        readAmount(in),
        Sum.read(in),
        Sum.read(in));
  }

  private static void writeAmount(DataOutput out, @Nullable Long pico) throws IOException {
    out.writeBoolean(pico != null);
    if (pico != null) {
      out.writeLong(pico);
    }
  }

  private static @Nullable Long readAmount(DataInput in) throws IOException {
    return in.readBoolean() ? Long.valueOf(in.readLong()) : null;
  }
}
