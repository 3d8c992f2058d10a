package io.penstock.infra.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A provider of the section {@code providers}: what is ours of it, and the rest for whoever knows
 * how providers speak.
 *
 * @param id its name in plans, prices and metrics
 * @param place where it stands, for messages
 * @param traits the fields that say how it speaks, beside {@code like}, the preset it is like
 * @param models our names of the models it serves; empty: it is asked
 */
public record ProviderRow(
    String id, String place, ObjectNode traits, Optional<Secret> key, List<String> models) {
  static final String SECTION = "providers";

  private static final String KEY_ENV = "key_env";
  private static final String KEY_FILE = "key_file";
  private static final String MODELS = "serves";

  static List<ProviderRow> read(Reader read, Problems problems) {
    var rows = new ArrayList<ProviderRow>();
    read.section(SECTION)
        .ifPresent(section -> {
          if (!section.isObject()) {
            problems.add(SECTION, "no map", "write one entry for each provider, by its id");
          }
          section.properties().forEach(row -> read(row, read, problems).ifPresent(rows::add));
        });
    return List.copyOf(rows);
  }

  private static Optional<ProviderRow> read(
      Map.Entry<String, JsonNode> entry, Reader read, Problems problems) {
    String place = SECTION + "." + entry.getKey();
    if (!(entry.getValue() instanceof ObjectNode row)) {
      problems.add(
          place, entry.getValue().asText(), "write its fields below it, such as like: groq");
      return Optional.empty();
    }
    ObjectNode traits = row.deepCopy();
    traits.remove(List.of(KEY_ENV, KEY_FILE, MODELS));
    return Optional.of(
        new ProviderRow(
            entry.getKey(),
            place,
            traits,
            key(place, row, read, problems),
            models(place, row.path(MODELS), problems)));
  }

  private static Optional<Secret> key(
      String place, ObjectNode row, Reader read, Problems problems) {
    if (row.hasNonNull(KEY_ENV)) {
      String name = row.path(KEY_ENV).asText();
      Optional<String> text = read.variable(name);
      if (text.isEmpty()) {
        problems.add(place + "." + KEY_ENV, name, "set that variable in the environment");
      }
      return text.map(Secret::new);
    }
    if (row.hasNonNull(KEY_FILE)) {
      String path = row.path(KEY_FILE).asText();
      try {
        return Optional.of(new Secret(Files.readString(Path.of(path)).strip()));
      } catch (IOException | InvalidPathException e) {
        problems.add(place + "." + KEY_FILE, path, "cannot be read: name a readable file");
      }
    }
    return Optional.empty();
  }

  private static List<String> models(String place, JsonNode models, Problems problems) {
    var read = new ArrayList<String>();
    if (models.isArray()) {
      models.forEach(model -> read.add(model.asText()));
    } else if (!models.isMissingNode() && !models.isNull()) {
      problems.add(place + "." + MODELS, models.asText(), "write a list of names of models");
    }
    return read;
  }
}
