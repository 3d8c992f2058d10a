package io.penstock.ingress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What tests do to directories. */
final class Directories {
  private Directories() {}

  static void delete(Path directory) {
    for (Path path : below(directory).reversed()) {
      try {
        Files.delete(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Overwrites every file with rubbish. */
  static void damage(Path directory) {
    for (Path path : below(directory)) {
      if (Files.isRegularFile(path)) {
        try {
          Files.writeString(path, "rubbish");
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private static List<Path> below(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.sorted(Comparator.naturalOrder()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
