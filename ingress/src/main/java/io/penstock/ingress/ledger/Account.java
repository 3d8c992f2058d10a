package io.penstock.ingress.ledger;

import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CostEvent;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Where an event is counted: the finest breakdown there is. Lane and cause are words. */
record Account(String tenant, String model, String lane, String cause) {
  static Account of(CostEvent event) {
    return new Account(
        event.getTenant(),
        event.getModel(),
        Topics.word(event.getLane()),
        event.getCause().name().toLowerCase(Locale.ROOT));
  }

  String key(By by) {
    return switch (by) {
      case TENANT -> tenant;
      case MODEL -> model;
      case LANE -> lane;
      case CAUSE -> cause;
    };
  }

  void writeTo(DataOutput out) throws IOException {
    write(out, tenant);
    write(out, model);
    write(out, lane);
    write(out, cause);
  }

  static Account readFrom(DataInput in) throws IOException {
    return new Account(read(in), read(in), read(in), read(in));
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
