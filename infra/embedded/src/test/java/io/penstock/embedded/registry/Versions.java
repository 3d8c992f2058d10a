package io.penstock.embedded.registry;

import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;

/** Successive versions of one small record. */
final class Versions {
  private Versions() {}

  static Schema first() {
    return SchemaBuilder.record("Order")
        .namespace("test")
        .fields()
        .requiredString("id")
        .endRecord();
  }

  /** Reads data of {@link #first}. */
  static Schema grown() {
    return SchemaBuilder.record("Order")
        .namespace("test")
        .fields()
        .requiredString("id")
        .name("count")
        .type()
        .intType()
        .intDefault(1)
        .endRecord();
  }

  /** Cannot read data of {@link #first}: the new field has no default. */
  static Schema broken() {
    return SchemaBuilder.record("Order")
        .namespace("test")
        .fields()
        .requiredString("id")
        .requiredInt("count")
        .endRecord();
  }

  /** Has nothing in common with {@link #first} but the name. */
  static Schema other() {
    return SchemaBuilder.record("Order")
        .namespace("test")
        .fields()
        .requiredInt("count")
        .endRecord();
  }

  /** Reads data of {@link #other}, but not of {@link #first}, which has no count. */
  static Schema otherGrown() {
    return SchemaBuilder.record("Order")
        .namespace("test")
        .fields()
        .requiredInt("count")
        .optionalString("note")
        .endRecord();
  }
}
