package io.penstock.embedded.broker;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;

/**
 * A data directory that this process alone may use until {@link #close()}: writable, locked, and
 * empty or written by us. Our own files are called {@code penstock.*}; Kafka's are below {@link
 * #kafka()}.
 */
final class DataDirectory implements AutoCloseable {
  private static final String OURS = "penstock.";
  private static final String MARKER = OURS + "properties";
  private static final String LOCK = OURS + "lock";
  private static final String CLUSTER_ID = "cluster.id";

  /*
   * A POSIX lock belongs to the process, and closing any channel to the file gives it up. So a
   * second broker of this JVM must be turned away before it opens the lock file.
   */
  private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel lock;
  private final String clusterId;

  private DataDirectory(Path directory, FileChannel lock, String clusterId) {
    this.directory = directory;
    this.lock = lock;
    this.clusterId = clusterId;
  }

  /** Creates {@code given} when it is missing, and claims it. */
  static DataDirectory claim(Path given) {
    try {
      Path directory = Files.createDirectories(given.toAbsolutePath()).toRealPath();
      refuseForeign(directory);
      if (!OPEN_HERE.add(directory)) {
        throw new BrokerStartException.DirectoryInUse(directory);
      }
      try {
        return new DataDirectory(directory, lock(directory), clusterId(directory));
      } catch (IOException | RuntimeException e) {
        OPEN_HERE.remove(directory);
        throw e;
      }
    } catch (IOException e) {
      throw new BrokerStartException.DirectoryUnusable(given, e);
    }
  }

  private static void refuseForeign(Path directory) throws IOException {
    if (Files.exists(directory.resolve(MARKER))) {
      return;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      var stranger =
          entries.map(entry -> entry.getFileName().toString()).filter(n -> !n.startsWith(OURS));
      var found = stranger.findFirst();
      if (found.isPresent()) {
        throw new BrokerStartException.DirectoryForeign(
            directory, "holds " + found.get() + " and is no Penstock data directory");
      }
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    var channel =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw new BrokerStartException.DirectoryInUse(directory);
    }
    return channel;
  }

  /** The id in the marker file, which is written when it is missing. */
  private static String clusterId(Path directory) throws IOException {
    Path marker = directory.resolve(MARKER);
    if (!Files.exists(marker)) {
      var properties = new Properties();
      properties.setProperty(CLUSTER_ID, Uuid.randomUuid().toString());
      Path draft = directory.resolve(MARKER + ".draft");
      try (Writer writer = Files.newBufferedWriter(draft)) {
        properties.store(writer, "Marks the data directory of an embedded Penstock broker");
      }
      Files.move(draft, marker, StandardCopyOption.ATOMIC_MOVE);
    }
    String ours = property(marker);
    Path metaProperties = directory.resolve("kafka").resolve("meta.properties");
    if (Files.exists(metaProperties) && !property(metaProperties).equals(ours)) {
      throw new BrokerStartException.DirectoryForeign(
          directory, "holds the data of Kafka cluster " + property(metaProperties));
    }
    return ours;
  }

  private static String property(Path file) throws IOException {
    var properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return properties.getProperty(CLUSTER_ID, "(none)");
  }

  Path path() {
    return directory;
  }

  /** Where Kafka keeps its logs. */
  Path kafka() {
    return directory.resolve("kafka");
  }

  /** The id of this directory's cluster, the same for ever. */
  String clusterId() {
    return clusterId;
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing the lock of " + directory, e);
    } finally {
      OPEN_HERE.remove(directory);
    }
  }
}
