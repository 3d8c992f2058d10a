package io.penstock.workers.provider;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * The providers that we know, one row of JSON each, and rows that users write themselves. A row may
 * be {@code like} another one and say only what differs.
 */
public final class Presets {
  private static final String FILE = "presets.json";
  private static final Map<String, Preset> BUNDLED = bundled();

  private Presets() {}

  /** The names of the bundled rows. */
  public static Set<String> names() {
    return BUNDLED.keySet();
  }

  /**
   * A bundled row.
   *
   * @throws IllegalArgumentException when there is none of this name
   */
  public static Preset named(String name) {
    Preset preset = BUNDLED.get(name);
    if (preset == null) {
      throw new IllegalArgumentException(
          "no provider preset is called " + name + ": choose one of " + String.join(", ", names()));
    }
    return preset;
  }

  /**
   * Reads rows of JSON, which may be like a bundled one or like one before them.
   *
   * @param source what to call the text in messages
   * @param json an object of rows by name
   * @return by name, in the order of the text
   * @throws IllegalArgumentException with every problem, each with its row and field
   */
  public static Map<String, Preset> read(String source, String json) {
    return PresetFile.read(source, json, BUNDLED);
  }

  private static Map<String, Preset> bundled() {
    try (InputStream file = Presets.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException("the resource " + FILE + " is missing");
      }
      return PresetFile.read(
          FILE, new String(file.readAllBytes(), StandardCharsets.UTF_8), Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
