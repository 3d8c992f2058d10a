package io.penstock.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.TopologyDescription;
import org.junit.jupiter.api.Test;

/**
 * Holds the picture in the docs against the topology. After an intended change: {@code mvn -pl
 * topology test -Dtest=TopologyDescriptionTest -Ddocs.record=true}.
 */
final class TopologyDescriptionTest {
  private static final Path DOCS = Path.of("..", "docs");

  @Test
  void thePictureInTheDocsIsTheTopology() throws IOException {
    String picture = TopologyPicture.of(TestingTopology.describe().describe());
    holds(
        DOCS.resolve("topology.md"),
        """
        # The topology, drawn from the code

        Topics are round, stages square, stores are cylinders; the dotted lines say which stage uses which
        store. This page is generated from `InferenceTopology` and a test keeps it true. `requests.batch` is not
        in it: a pump beside the topology lets it into `internal.gated`.

        ```mermaid
        """
            + picture
            + "```\n");
  }

  @Test
  void theDescriptionInTheDocsIsTheTopology() throws IOException {
    holds(DOCS.resolve("topology.txt"), TestingTopology.describe().describe().toString());
  }

  @Test
  void everyNodeAndStoreIsNamedByUs() {
    TopologyDescription description = TestingTopology.describe().describe();
    assertThat(description.toString()).doesNotContain("KSTREAM-").doesNotContain("KTABLE-");
  }

  @Test
  void everythingAboutAFingerprintMeetsInOneTaskApartFromAccountsAndWindows() {
    Set<TopologyDescription.Subtopology> parts =
        TestingTopology.describe().describe().subtopologies();
    assertThat(parts).hasSize(3);
    for (String apart : List.of("accounts", "batch")) {
      assertThat(parts)
          .filteredOn(part -> part.nodes().stream().anyMatch(n -> n.name().equals(apart)))
          .singleElement()
          .satisfies(part ->
              assertThat(part.nodes())
                  .extracting(TopologyDescription.Node::name)
                  .doesNotContain("admit", "dispatch", "settle", "grants"));
    }
  }

  private static void holds(Path file, String text) throws IOException {
    if (Boolean.getBoolean("docs.record")) {
      Files.writeString(file, text);
    }
    assertThat(Files.exists(file) ? Files.readString(file) : "")
        .as(file + ": run this test with -Ddocs.record=true after an intended change")
        .isEqualTo(text);
  }
}
