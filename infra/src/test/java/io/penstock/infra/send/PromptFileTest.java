package io.penstock.infra.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PromptFileTest {
  @TempDir Path dir;

  @Test
  void aTextFileHoldsAPromptALine() throws IOException {
    assertThat(PromptFile.read(file("p.txt", "one\n\n two, three\n")))
        .containsExactly(new Prompt("one", 1), new Prompt(" two, three", 1));
  }

  @Test
  void jsonLinesHoldAPromptATextAQueryOrTurns() throws IOException {
    String lines =
        """
        {"prompt": "a", "popularity": 3}
        {"text": "b"}
        {"query": "c", "popularity": 0}
        {"turns": ["d", "later"]}
        """;
    assertThat(PromptFile.read(file("p.jsonl", lines)))
        .containsExactly(
            new Prompt("a", 3), new Prompt("b", 1), new Prompt("c", 1), new Prompt("d", 1));
  }

  @Test
  void aLineWithoutAPromptIsNamed() throws IOException {
    Path nothing = file("p.jsonl", "{\"prompt\": \"a\"}\n{\"promt\": \"b\"}\n");
    assertThatThrownBy(() -> PromptFile.read(nothing)).hasMessageContaining("line 2 holds none");
    Path broken = file("q.jsonl", "{\"prompt\": \n");
    assertThatThrownBy(() -> PromptFile.read(broken)).hasMessageContaining("line 1 is not JSON");
  }

  @Test
  void aCsvHasAColumnOfPromptsAndMayHaveTheirPopularity() throws IOException {
    assertThat(PromptFile.read(file("p.csv", "query,popularity\n\"a, b\",7\nc,\nd,-1\n")))
        .containsExactly(new Prompt("a, b", 7), new Prompt("c", 1), new Prompt("d", 1));
  }

  @Test
  void aPopularityThatIsNoNumberIsNamed() throws IOException {
    Path file = file("p.csv", "query,popularity\na,1\nb,often\n");
    assertThatThrownBy(() -> PromptFile.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("prompt 2 has popularity \"often\": write a whole number");
  }

  @Test
  void aCsvWithoutSuchAColumnSaysWhichThereAre() throws IOException {
    Path file = file("p.csv", "question\na\n");
    assertThatThrownBy(() -> PromptFile.read(file)).hasMessageContaining("[question]");
  }

  @Test
  void anyOfThemMayBeCompressed() throws IOException {
    Path file = dir.resolve("p.csv.gz");
    try (Writer out =
        new OutputStreamWriter(
            new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8)) {
      out.write("prompt\nä\n");
    }
    assertThat(PromptFile.read(file)).containsExactly(new Prompt("ä", 1));
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(dir.resolve(name), content);
  }
}
