package io.penstock.topology;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.TopologyDescription.Node;
import org.apache.kafka.streams.TopologyDescription.Processor;
import org.apache.kafka.streams.TopologyDescription.Sink;
import org.apache.kafka.streams.TopologyDescription.Source;

/**
 * Draws a topology as a Mermaid flow chart: topics, stages and stores. Nodes that only sort records
 * are left out, the arrows run through them; the merged outputs of all stages are one node.
 */
final class TopologyPicture {
  private static final Set<String> STAGES =
      Set.of(
          "gate",
          "admit",
          "exact-cache",
          "coalesce",
          "route",
          "dispatch",
          "settle",
          "withdraw",
          "grants",
          "accounts");

  private static final String MERGE = "outputs-of-";
  private static final String OUTPUTS = "outputs";

  private final Set<String> lines = new LinkedHashSet<>();
  private final Set<String> stores = new TreeSet<>();

  private TopologyPicture() {}

  static String of(TopologyDescription description) {
    var picture = new TopologyPicture();
    Map<String, Node> drawn = new TreeMap<>();
    description.subtopologies().stream()
        .flatMap(part -> part.nodes().stream())
        .filter(TopologyPicture::shown)
        .forEach(node -> drawn.put(node.name(), node));
    drawn.values().forEach(picture::draw);
    return picture.stores.stream()
            .map(store -> "  " + id("store-" + store) + "[(" + store + ")]:::store")
            .collect(Collectors.joining("\n", "flowchart LR\n", "\n"))
        + String.join("\n", picture.lines)
        + "\n  classDef topic fill:#e8f0fe,stroke:#4a6fa5\n"
        + "  classDef stage fill:#fff4e0,stroke:#b9770e\n"
        + "  classDef store fill:#eaf6ea,stroke:#3c763d\n";
  }

  private void draw(Node node) {
    switch (node) {
      case Source source ->
          source
              .topicSet()
              .forEach(topic -> {
                topic(topic);
                successors(node, new TreeSet<>())
                    .forEach(next -> lines.add("  " + id(topic) + " --> " + id(next)));
              });
      case Sink sink -> topic(sink.topic());
      case Processor merge when merge.name().startsWith(MERGE) -> {
        lines.add("  " + OUTPUTS + "((" + OUTPUTS + "))");
        successors(merge, new TreeSet<>()).stream()
            .filter(next -> !next.equals(OUTPUTS))
            .forEach(next -> lines.add("  " + OUTPUTS + " --> " + id(next)));
      }
      case Processor stage -> {
        lines.add("  " + id(stage.name()) + "[" + stage.name() + "]:::stage");
        successors(node, new TreeSet<>())
            .forEach(next -> lines.add("  " + id(stage.name()) + " --> " + id(next)));
        new TreeSet<>(stage.stores())
            .forEach(store -> {
              stores.add(store);
              lines.add("  " + id(stage.name()) + " -.- " + id("store-" + store));
            });
      }
      default -> throw new IllegalStateException("a new kind of node: " + node);
    }
  }

  private void topic(String topic) {
    lines.add("  " + id(topic) + "([" + topic + "]):::topic");
  }

  /** Names of what is drawn next behind a node; a sink is drawn as its topic. */
  private static Collection<String> successors(Node node, Set<String> found) {
    for (Node next : node.successors()) {
      switch (next) {
        case Sink sink -> found.add(sink.topic());
        case Node merge when merge.name().startsWith(MERGE) -> found.add(OUTPUTS);
        case Node stage when shown(stage) -> found.add(stage.name());
        default -> successors(next, found);
      }
    }
    return found;
  }

  private static boolean shown(Node node) {
    return !(node instanceof Processor processor)
        || STAGES.contains(processor.name())
        || processor.name().startsWith(MERGE);
  }

  private static String id(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "_");
  }
}
