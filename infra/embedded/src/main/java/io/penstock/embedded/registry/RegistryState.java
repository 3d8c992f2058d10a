package io.penstock.embedded.registry;

import io.penstock.schemas.registry.RegistryException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.Schema;

/**
 * What a registry knows, and the laws by which it grows: the pure part. An id belongs to a schema
 * text for ever, whatever the subject; versions of a subject count from 1. Changes are decided
 * first, as an {@link Entry}, and take effect when they are {@link #apply applied}; recovery
 * applies the same entries, in their order, and may repeat some. Not safe for several threads.
 */
final class RegistryState {
  private final Map<String, SortedMap<Integer, Entry.Registered>> subjects = new TreeMap<>();
  private final Map<Integer, Schema> byId = new HashMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Compatibility> rules = new HashMap<>();
  private Compatibility ruleOfAll = Compatibility.BACKWARD;
  private int lastId;

  void apply(Entry entry) {
    switch (entry) {
      case Entry.Registered registered -> {
        subjects
            .computeIfAbsent(registered.subject(), s -> new TreeMap<>())
            .put(registered.version(), registered);
        byId.put(registered.id(), registered.schema());
        ids.put(registered.schema().toString(), registered.id());
        lastId = Math.max(lastId, registered.id());
      }
      case Entry.Ruled(var subject, var rule) -> rules.put(subject, rule);
      case Entry.Unruled(var subject) -> rules.remove(subject);
      case Entry.RuledAll(var rule) -> ruleOfAll = rule;
    }
  }

  /**
   * The version that {@code schema} would become, for a schema that the subject does not hold yet.
   *
   * @throws RegistryException.Incompatible when the subject's rule refuses it
   */
  Entry.Registered next(String subject, Schema schema) {
    var soFar = versions(subject);
    var objections = rule(subject).objections(schemas(soFar), schema);
    if (!objections.isEmpty()) {
      throw new RegistryException.Incompatible(
          "schema for "
              + subject
              + " breaks its rule "
              + rule(subject)
              + ": "
              + String.join("; ", objections));
    }
    int id = ids.getOrDefault(schema.toString(), lastId + 1);
    int version = soFar.isEmpty() ? 1 : soFar.getLast().version() + 1;
    return new Entry.Registered(subject, version, id, schema);
  }

  /** What stands against {@code schema} after the given earlier versions of the subject. */
  List<String> objections(String subject, List<Entry.Registered> earlier, Schema schema) {
    return rule(subject).objections(schemas(earlier), schema);
  }

  private static List<Schema> schemas(List<Entry.Registered> versions) {
    return versions.stream().map(Entry.Registered::schema).toList();
  }

  /** The version of the subject with exactly this schema. */
  Optional<Entry.Registered> find(String subject, Schema schema) {
    String text = schema.toString();
    return versions(subject).stream().filter(v -> v.schema().toString().equals(text)).findFirst();
  }

  /** Oldest first; empty for an unknown subject. */
  List<Entry.Registered> versions(String subject) {
    return List.copyOf(subjects.getOrDefault(subject, Collections.emptySortedMap()).values());
  }

  List<String> subjects() {
    return List.copyOf(subjects.keySet());
  }

  Optional<Schema> byId(int id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** Every version, of whatever subject, that has the id. */
  List<Entry.Registered> uses(int id) {
    return subjects.values().stream()
        .flatMap(versions -> versions.values().stream())
        .filter(version -> version.id() == id)
        .toList();
  }

  Compatibility ruleOfAll() {
    return ruleOfAll;
  }

  Optional<Compatibility> ownRule(String subject) {
    return Optional.ofNullable(rules.get(subject));
  }

  private Compatibility rule(String subject) {
    return ownRule(subject).orElse(ruleOfAll);
  }
}
