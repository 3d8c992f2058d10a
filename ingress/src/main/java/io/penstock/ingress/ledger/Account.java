package io.penstock.ingress.ledger;

import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/**
 * Where an event is counted: the finest breakdown there is.
 *
 * @param key name of the API key; empty when there was none
 * @param epochDay the day on which the cost arose, in UTC
 */
record Account(
    String tenant,
    String key,
    String provider,
    String model,
    Lane lane,
    String tier,
    Cause cause,
    Provenance provenance,
    long epochDay) {
  private static final String USUAL_TIER = "default";

  static Account of(CostEvent event) {
    String key = event.getKeyId();
    String tier = event.getServiceTier();
    return new Account(
        event.getTenant(),
        key == null ? "" : key,
        event.getProvider(),
        event.getModel(),
        event.getLane(),
        tier == null ? USUAL_TIER : tier,
        event.getCause(),
        event.getProvenance(),
        event.getAt().atOffset(ZoneOffset.UTC).toLocalDate().toEpochDay());
  }

  String key(By by) {
    return switch (by) {
      case TENANT -> tenant;
      case KEY -> key;
      case PROVIDER -> provider;
      case MODEL -> model;
      case LANE -> Topics.word(lane);
      case TIER -> tier;
      case CAUSE -> word(cause);
      case PROVENANCE -> word(provenance);
      case DAY -> LocalDate.ofEpochDay(epochDay).toString();
    };
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** Whether no provider reported the whole of it. */
  boolean guessed() {
    return switch (provenance) {
      case ESTIMATED, ORPHANED, REPORTED_PARTIAL -> true;
      case REPORTED, UNBILLED -> false;
    };
  }

  void writeTo(DataOutput out) throws IOException {
    write(out, tenant);
    write(out, key);
    write(out, provider);
    write(out, model);
    write(out, lane.name());
    write(out, tier);
    write(out, cause.name());
    write(out, provenance.name());
    out.writeLong(epochDay);
  }

  static Account readFrom(DataInput in) throws IOException {
    return new Account(
        read(in),
        read(in),
        read(in),
        read(in),
        Lane.valueOf(read(in)),
        read(in),
        Cause.valueOf(read(in)),
        Provenance.valueOf(read(in)),
        in.readLong());
  }

  // DataOutput's own writeUTF ends at 64 KiB, and anyone may write to the billing topic.
  private static void write(DataOutput out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String read(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
