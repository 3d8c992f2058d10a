package io.penstock.infra.config;

import java.util.ArrayList;
import java.util.List;

/** Everything wrong with the settings, to be told at once. */
final class Problems {
  private final List<String> lines = new ArrayList<>();

  void add(String where, String value, String remedy) {
    lines.add(where + " is \"" + value + "\": " + remedy);
  }

  void throwIfAny() {
    if (!lines.isEmpty()) {
      throw new ConfigurationException(lines);
    }
  }
}
