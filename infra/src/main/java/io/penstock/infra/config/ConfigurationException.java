package io.penstock.infra.config;

import java.util.List;

/** Settings that cannot be used. One line per problem: where, which value, and the remedy. */
public final class ConfigurationException extends RuntimeException {
  ConfigurationException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
  }
}
