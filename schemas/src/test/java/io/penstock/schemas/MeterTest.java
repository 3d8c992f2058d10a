package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** After an intended change: {@code mvn -pl schemas test -Dtest=MeterTest -Ddocs.record=true}. */
final class MeterTest {
  private static final Path PAGE = Path.of("..", "docs", "metrics.md");

  @Test
  void thePageInTheDocsIsTheCatalogue() throws IOException {
    String text =
        "# Metrics\n\nGenerated from `Meter`, and held true by a test. Prometheus adds `_total` to"
            + " counters and `_seconds` to timers.\n\n"
            + Meter.toMarkdown();
    if (Boolean.getBoolean("docs.record")) {
      Files.writeString(PAGE, text);
    }
    assertThat(Files.exists(PAGE) ? Files.readString(PAGE) : "").isEqualTo(text);
  }

  @Test
  void namesAreUniqueAndOurs() {
    assertThat(Arrays.stream(Meter.values()).map(Meter::id))
        .doesNotHaveDuplicates()
        .allSatisfy(id -> assertThat(id).startsWith("penstock."));
  }
}
