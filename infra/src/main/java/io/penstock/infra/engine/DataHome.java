package io.penstock.infra.engine;

import io.penstock.infra.config.ConfigurationException;
import io.penstock.infra.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directory that people name for what a process keeps, with one directory for each part in it.
 * Several processes may share one. A directory that holds anything else is somebody's, and refused:
 * a slip must not strew ours among it.
 */
record DataHome(Path path) {
  private static final String MARKER = "penstock.data";
  private static final String KAFKA = "kafka";
  private static final String TOPOLOGY = "topology";
  private static final String INGRESS = "ingress-";

  // What a new volume holds on some file systems.
  private static final Set<String> NOBODYS = Set.of("lost+found");

  /**
   * Creates {@code given} when it is missing, and marks it as ours.
   *
   * @throws ConfigurationException when it is not, or cannot be written
   */
  static DataHome at(Path given) {
    try {
      Path path = Files.createDirectories(given.toAbsolutePath().normalize());
      Path marker = path.resolve(MARKER);
      if (!Files.exists(marker)) {
        refuseForeign(path);
      }
      // Written at every start, to find out now whether that can be done.
      Files.writeString(
          marker,
          "Penstock keeps its data in this directory.\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE);
      return new DataHome(path);
    } catch (IOException e) {
      throw ConfigurationException.of(
          Setting.DATA_DIR,
          given,
          "it cannot be written (" + e + "); make it a writable directory or choose another one");
    }
  }

  private static void refuseForeign(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      Optional<String> stranger =
          entries.map(entry -> entry.getFileName().toString()).filter(DataHome::foreign).findAny();
      if (stranger.isPresent()) {
        throw ConfigurationException.of(
            Setting.DATA_DIR,
            path,
            "it holds "
                + stranger.get()
                + " and is no Penstock data directory; choose an empty or a new one");
      }
    }
  }

  // Directories of versions that set no marker are known by their parts.
  private static boolean foreign(String name) {
    return !name.equals(KAFKA)
        && !name.equals(TOPOLOGY)
        && !name.startsWith(INGRESS)
        && !NOBODYS.contains(name);
  }

  Path kafka() {
    return path.resolve(KAFKA);
  }

  Path topology() {
    return path.resolve(TOPOLOGY);
  }

  /** For the ingress on a port: several may share a home. */
  Path ingress(int port) {
    return path.resolve(INGRESS + port);
  }
}
