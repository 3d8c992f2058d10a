package io.penstock.infra.config;

import java.util.List;

/** Settings that cannot be used. One line per problem: where, which value, and the remedy. */
public final class ConfigurationException extends RuntimeException {
  ConfigurationException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
  }

  /**
   * A value that reads well and turned out to be of no use.
   *
   * @param value not shown where the setting is a secret
   * @param remedy what is wrong and what would help
   */
  public static ConfigurationException of(Setting setting, Object value, String remedy) {
    return new ConfigurationException(List.of(Problems.line(setting, value, remedy)));
  }

  /** Something in the file that reads well and turned out to be of no use. */
  public static ConfigurationException of(String place, String problem) {
    return new ConfigurationException(List.of(place + ": " + problem));
  }
}
