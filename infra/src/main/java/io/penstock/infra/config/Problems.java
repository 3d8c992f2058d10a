package io.penstock.infra.config;

import java.util.ArrayList;
import java.util.List;

/** Everything wrong with the settings, to be told at once. */
final class Problems {
  static final String HIDDEN = "(hidden)";

  private final List<String> lines = new ArrayList<>();

  void add(String where, String value, String remedy) {
    lines.add(line(where, value, remedy));
  }

  void add(Setting secret, String remedy) {
    lines.add(line(secret, HIDDEN, remedy));
  }

  static String line(Setting setting, Object value, String remedy) {
    return line(setting.shownAs(), setting.secret() ? HIDDEN : String.valueOf(value), remedy);
  }

  private static String line(String where, String value, String remedy) {
    return where + " is \"" + value + "\": " + remedy;
  }

  void throwIfAny() {
    if (!lines.isEmpty()) {
      throw new ConfigurationException(lines);
    }
  }
}
