package io.penstock.infra.send;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Prompts from a file, by its ending: {@code .jsonl} (a {@code prompt}, {@code text}, {@code query}
 * or {@code turns} in each line), {@code .csv} (such a column), anything else one prompt a line;
 * any of them with {@code .gz} behind. A {@code popularity} beside the prompt is its weight.
 */
public final class PromptFile {
  private static final List<String> TEXT_NAMES = List.of("prompt", "text", "query");
  private static final String TURNS = "turns";
  private static final String WEIGHT = "popularity";

  private PromptFile() {}

  /**
   * Reads all prompts.
   *
   * @throws IOException when the file cannot be read
   * @throws IllegalArgumentException naming the line that holds no prompt
   */
  public static List<Prompt> read(Path file) throws IOException {
    String name = file.getFileName().toString();
    boolean zipped = name.endsWith(".gz");
    String plain = zipped ? name.substring(0, name.length() - ".gz".length()) : name;
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = zipped ? new GZIPInputStream(raw) : raw;
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      if (plain.endsWith(".csv")) {
        return csv(lines);
      }
      return plain.endsWith(".jsonl") ? jsonl(lines) : text(lines);
    }
  }

  private static List<Prompt> text(BufferedReader lines) {
    return lines.lines().filter(line -> !line.isBlank()).map(line -> new Prompt(line, 1)).toList();
  }

  private static List<Prompt> jsonl(BufferedReader lines) throws IOException {
    var json = new ObjectMapper();
    var prompts = new ArrayList<Prompt>();
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (!line.isBlank()) {
        prompts.add(object(json, line, number));
      }
    }
    return prompts;
  }

  private static Prompt object(ObjectMapper json, String line, int number) {
    JsonNode object;
    try {
      object = json.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "line " + number + " is not JSON: " + e.getOriginalMessage(), e);
    }
    String text =
        TEXT_NAMES.stream()
            .filter(object::hasNonNull)
            .map(name -> object.get(name).asText())
            .findFirst()
            .orElseGet(() -> object.path(TURNS).path(0).asText());
    if (text.isBlank()) {
      throw new IllegalArgumentException(
          "line " + number + " holds none of prompt, text, query, turns");
    }
    return new Prompt(text, Math.max(1, object.path(WEIGHT).asLong(1)));
  }

  private static List<Prompt> csv(BufferedReader lines) throws IOException {
    var prompts = new ArrayList<Prompt>();
    try (MappingIterator<Map<String, String>> rows =
        new CsvMapper()
            .readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(lines)) {
      while (rows.hasNext()) {
        Map<String, String> row = rows.next();
        Optional<String> text =
            TEXT_NAMES.stream().filter(row::containsKey).map(row::get).findFirst();
        if (text.isEmpty()) {
          throw new IllegalArgumentException(
              "no column is called prompt, text or query; there are " + row.keySet());
        }
        text.filter(t -> !t.isBlank())
            .ifPresent(t -> prompts.add(new Prompt(t, weight(row, prompts.size() + 1))));
      }
    } catch (RuntimeJsonMappingException e) {
      throw new IllegalArgumentException(
          "after " + prompts.size() + " rows it is no CSV: " + e.getMessage(), e);
    }
    return prompts;
  }

  private static long weight(Map<String, String> row, int number) {
    String weight = row.getOrDefault(WEIGHT, "").strip();
    try {
      return weight.isEmpty() ? 1 : Math.max(1, Long.parseLong(weight));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "prompt " + number + " has " + WEIGHT + " \"" + weight + "\": write a whole number", e);
    }
  }
}
