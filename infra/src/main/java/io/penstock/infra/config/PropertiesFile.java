package io.penstock.infra.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** A file of Kafka client properties. */
final class PropertiesFile {
  private PropertiesFile() {}

  static Map<String, String> read(Optional<Path> file, Problems problems) {
    var properties = new Properties();
    if (file.isPresent()) {
      try (Reader in = Files.newBufferedReader(file.get())) {
        properties.load(in);
      } catch (IOException | IllegalArgumentException e) {
        problems.add(file.get().toString(), "unreadable", "write one name=value on each line");
      }
    }
    var read = new HashMap<String, String>();
    properties.stringPropertyNames().forEach(name -> read.put(name, properties.getProperty(name)));
    return read;
  }
}
