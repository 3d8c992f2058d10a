package io.penstock.embedded.registry;

import org.apache.avro.Schema;

/** One change of a registry's state; the log of them is the registry. */
sealed interface Entry {

  /** {@code schema} is version {@code version} of {@code subject}. */
  record Registered(String subject, int version, int id, Schema schema) implements Entry {}

  /** The subject has a rule of its own. */
  record Ruled(String subject, Compatibility rule) implements Entry {}

  /** The subject has no rule of its own any more. */
  record Unruled(String subject) implements Entry {}

  /** The rule of all subjects that have none of their own. */
  record RuledAll(Compatibility rule) implements Entry {}
}
