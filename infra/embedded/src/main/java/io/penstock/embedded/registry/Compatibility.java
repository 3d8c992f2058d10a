package io.penstock.embedded.registry;

import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * Which earlier versions a new schema must get along with, and in which direction. The words and
 * their meaning are those of the Confluent registry.
 */
public enum Compatibility {
  NONE(false, false, false),
  BACKWARD(true, false, false),
  BACKWARD_TRANSITIVE(true, false, true),
  FORWARD(false, true, false),
  FORWARD_TRANSITIVE(false, true, true),
  FULL(true, true, false),
  FULL_TRANSITIVE(true, true, true);

  private final boolean backward;
  private final boolean forward;
  private final boolean transitive;

  Compatibility(boolean backward, boolean forward, boolean transitive) {
    this.backward = backward;
    this.forward = forward;
    this.transitive = transitive;
  }

  /**
   * What stands against {@code next} after the versions so far, oldest first; empty when it may
   * follow them.
   */
  List<String> objections(List<Schema> soFar, Schema next) {
    return soFar.stream()
        .skip(transitive ? 0 : Math.max(0, soFar.size() - 1))
        .flatMap(earlier ->
            Stream.concat(
                backward ? unreadable(next, earlier) : Stream.empty(),
                forward ? unreadable(earlier, next) : Stream.empty()))
        .toList();
  }

  private static Stream<String> unreadable(Schema reader, Schema writer) {
    var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
    return result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE
        ? Stream.empty()
        : result.getIncompatibilities().stream()
            .map(i -> i.getType() + " at " + i.getLocation() + ": " + i.getMessage());
  }
}
