package io.penstock.ingress.view;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.TtlDB;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Bytes by bytes in a directory of its own, written in atomic batches that outlive the process. Any
 * thread may read, one writes. A lock file keeps a second process out.
 */
public final class Table implements AutoCloseable {
  private static final long CACHE_BYTES = 16L * 1024 * 1024;
  private static final long WRITE_BUFFER_BYTES = 16L * 1024 * 1024;
  private static final int BLOOM_BITS = 10;

  static {
    RocksDB.loadLibrary();
  }

  private final Path directory;
  private final @Nullable Duration kept;
  private final LRUCache cache = new LRUCache(CACHE_BYTES);
  private final BloomFilter bloom = new BloomFilter(BLOOM_BITS);
  private final Options options;
  private final WriteOptions durable = new WriteOptions();

  // RocksDB crashes the process when it is used after it was closed, so closing waits for readers.
  private final ReadWriteLock openness = new ReentrantReadWriteLock();
  private @Nullable RocksDB db; // guarded by openness
  private boolean closed; // guarded by openness

  private Table(Path directory, @Nullable Duration kept) {
    this.directory = directory;
    this.kept = kept;
    this.options =
        new Options()
            .setCreateIfMissing(true)
            .setWriteBufferSize(WRITE_BUFFER_BYTES)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setTableFormatConfig(
                new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(bloom));
  }

  /**
   * Opens the table, empty when there is none or when what is there is damaged.
   *
   * @param kept entries older than this may vanish; null keeps them
   * @throws TableException.Unusable when it cannot be opened for another reason; it is left as it
   *     is
   */
  static Table open(Path directory, @Nullable Duration kept) {
    var table = new Table(directory, kept);
    try {
      table.openOrClear();
    } catch (TableException e) {
      table.close();
      throw e;
    }
    return table;
  }

  private void openOrClear() {
    try {
      open();
    } catch (TableException.Damaged e) {
      clear();
    }
  }

  /** What is stored under {@code key}; null when nothing is, or the table is closed. */
  public byte @Nullable [] get(byte[] key) {
    openness.readLock().lock();
    try {
      RocksDB opened = opened();
      return opened == null ? null : opened.get(key);
    } catch (RocksDBException e) {
      throw failed(e);
    } finally {
      openness.readLock().unlock();
    }
  }

  /** Shows every entry whose key begins with {@code prefix}, in order. */
  public void scan(byte prefix, BiConsumer<byte[], byte[]> entries) {
    openness.readLock().lock();
    try {
      RocksDB opened = opened();
      if (opened == null) {
        return;
      }
      try (RocksIterator at = opened.newIterator()) {
        for (at.seek(new byte[] {prefix}); at.isValid() && at.key()[0] == prefix; at.next()) {
          entries.accept(at.key(), at.value());
        }
        at.status();
      }
    } catch (RocksDBException e) {
      throw failed(e);
    } finally {
      openness.readLock().unlock();
    }
  }

  /** Changes that are written together. */
  public static final class Changes implements AutoCloseable {
    private final WriteBatch batch = new WriteBatch();

    public void put(byte[] key, byte[] value) {
      try {
        batch.put(key, value);
      } catch (RocksDBException e) {
        throw new IllegalStateException("a batch in memory takes every entry", e);
      }
    }

    @Override
    public void close() {
      batch.close();
    }
  }

  void write(Changes changes) {
    openness.readLock().lock();
    try {
      RocksDB opened = opened();
      if (opened == null) {
        throw new IllegalStateException("the table in " + directory + " is closed");
      }
      opened.write(durable, changes.batch);
    } catch (RocksDBException e) {
      throw failed(e);
    } finally {
      openness.readLock().unlock();
    }
  }

  /**
   * Closes and opens again: after an error RocksDB may refuse every write until then. What was
   * written is kept.
   */
  void reopen() {
    openness.writeLock().lock();
    try {
      closeDb();
      openOrClear();
    } finally {
      openness.writeLock().unlock();
    }
  }

  /** Empties the table by deleting its files. */
  void clear() {
    openness.writeLock().lock();
    try {
      closeDb();
      delete();
      open();
    } finally {
      openness.writeLock().unlock();
    }
  }

  private void open() {
    try {
      Files.createDirectories(directory);
      db = openDb();
    } catch (IOException e) {
      throw new TableException.Unusable(
          "cannot write to " + directory + ": choose another data directory", e);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  /** What is to be used; null when it was closed for good. */
  private @Nullable RocksDB opened() {
    if (db == null && !closed) {
      throw new TableException.Unusable(
          "the table in " + directory + " could not be opened again", null);
    }
    return db;
  }

  private RocksDB openDb() throws RocksDBException {
    return kept == null
        ? RocksDB.open(options, directory.toString())
        : TtlDB.open(options, directory.toString(), (int) kept.toSeconds(), false);
  }

  private void delete() {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new TableException.Unusable(
          "cannot delete the damaged files in " + directory + ": delete them by hand", e);
    } catch (UncheckedIOException e) {
      throw new TableException.Unusable(
          "cannot read " + directory + ": choose another data directory", e);
    }
  }

  /** Only what is known to be damaged may be deleted: a full disk is no fault of what is on it. */
  private TableException failed(RocksDBException e) {
    Status status = e.getStatus();
    return status != null && status.getCode() == Status.Code.Corruption
        ? new TableException.Damaged(directory, e)
        : new TableException.Unusable(
            "cannot use "
                + directory
                + " ("
                + e.getMessage()
                + "): make sure that it is writable, not in use, and that neither disk space nor open"
                + " files run out; if that does not help, delete it, and it is made anew from the log",
            e);
  }

  private void closeDb() {
    if (db != null) {
      db.close();
      db = null;
    }
  }

  @Override
  public void close() {
    openness.writeLock().lock();
    try {
      closed = true;
      closeDb();
      durable.close();
      options.close();
      bloom.close();
      cache.close();
    } finally {
      openness.writeLock().unlock();
    }
  }
}
