package io.penstock.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Avro 1.12 makes specific records only of classes it is told to trust (docs/measurements.md,
 * Avro), and copies them no less reluctantly than it reads them. The list is process-wide, so what
 * is trusted already stays trusted.
 */
public final class TrustedRecords {
  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(),
            type -> type.getName().startsWith("io.penstock.schemas.avro.")));
  }

  private TrustedRecords() {}

  /** Trusts our records, once; whoever decodes or copies one calls this first. Any thread. */
  public static void trust() {
    // The class is loaded: that is all.
  }
}
