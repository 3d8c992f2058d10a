package io.penstock.embedded.simulator;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Files, in a temporary directory that is there from the first file until {@link #close}: a batch
 * may be larger than what fits into memory beside everything else. For any thread.
 */
final class StoredFiles implements AutoCloseable {
  private final String prefix;
  private final NavigableMap<String, StoredFile> byId = new ConcurrentSkipListMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private @Nullable Path directory;

  /**
   * @param prefix with which all ids begin; by their ids the files are in the order of their making
   */
  StoredFiles(String prefix) {
    this.prefix = prefix;
  }

  /** A file that is being written, and is dropped unless it is kept. For one thread. */
  final class Draft implements AutoCloseable {
    private final String id;
    private final Path path;
    private final OutputStream out;
    private long bytes;
    private boolean kept;

    private Draft(String id, Path path) throws IOException {
      this.id = id;
      this.path = path;
      this.out = new BufferedOutputStream(Files.newOutputStream(path));
    }

    void write(byte[] part) throws IOException {
      out.write(part);
      bytes += part.length;
    }

    long bytes() {
      return bytes;
    }

    /**
     * Ends the writing.
     *
     * @param lasts how long the file is kept; null for as long as the simulator runs
     */
    StoredFile keep(String name, String purpose, Instant now, @Nullable Duration lasts)
        throws IOException {
      out.close();
      kept = true;
      Instant until = lasts == null ? null : now.plus(lasts);
      StoredFile file = new StoredFile(id, name, purpose, path, bytes, now, until);
      byId.put(id, file);
      return file;
    }

    @Override
    public void close() throws IOException {
      if (!kept) {
        out.close();
        Files.deleteIfExists(path);
      }
    }
  }

  Draft draft() throws IOException {
    String id = String.format(Locale.ROOT, "%s%015d", prefix, numbers.incrementAndGet());
    return new Draft(id, directory().resolve(id));
  }

  private synchronized Path directory() throws IOException {
    if (directory == null) {
      directory = Files.createTempDirectory("penstock-simulator-");
    }
    return directory;
  }

  Optional<StoredFile> find(String id, Instant now) {
    dropOld(now);
    return Optional.ofNullable(byId.get(id));
  }

  /** Those that are there, by id. */
  NavigableMap<String, StoredFile> all(Instant now) {
    dropOld(now);
    return byId;
  }

  private void dropOld(Instant now) {
    for (StoredFile file : byId.values()) {
      if (file.isGoneAt(now)) {
        delete(file);
      }
    }
  }

  void delete(StoredFile file) {
    byId.remove(file.id());
    try {
      Files.deleteIfExists(file.path());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file.path(), e);
    }
  }

  /** Deletes everything. */
  @Override
  public synchronized void close() {
    byId.values().forEach(this::delete);
    if (directory != null) {
      try {
        Files.deleteIfExists(directory);
      } catch (IOException e) {
        // A batch that still runs writes there; the system empties its temporary directory.
      }
    }
  }
}
