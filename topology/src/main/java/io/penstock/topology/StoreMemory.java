package io.penstock.topology;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One bound on the memory of all stores of a process (docs/measurements.md, Kafka §3): a shared
 * block cache, out of which write buffers are charged too. Kafka Streams makes an instance per
 * store by itself; the cache is shared through the configuration value that {@link StreamsSettings}
 * hands over.
 */
public final class StoreMemory implements RocksDBConfigSetter {
  static final String SHARED = "penstock.store.memory";

  private static final long WRITE_BUFFER_BYTES = 8L * 1024 * 1024;
  private static final int WRITE_BUFFERS = 2;
  private static final double BLOOM_BITS = 10;

  private final BloomFilter bloom;

  static {
    RocksDB.loadLibrary();
  }

  /** The shared parts; whoever made them closes them after the last store. */
  record Shared(Cache cache, WriteBufferManager buffers) implements AutoCloseable {
    static Shared of(long bytes) {
      RocksDB.loadLibrary();
      Cache cache = new LRUCache(bytes);
      return new Shared(cache, new WriteBufferManager(bytes / 2, cache));
    }

    @Override
    public void close() {
      buffers.close();
      cache.close();
    }
  }

  public StoreMemory() {
    bloom = new BloomFilter(BLOOM_BITS);
  }

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    if (configs.get(SHARED) instanceof Shared shared) {
      var tables = (BlockBasedTableConfig) options.tableFormatConfig();
      tables.setBlockCache(shared.cache());
      tables.setCacheIndexAndFilterBlocks(true);
      tables.setFilterPolicy(bloom);
      options.setTableFormatConfig(tables);
      options.setWriteBufferManager(shared.buffers());
      options.setWriteBufferSize(WRITE_BUFFER_BYTES);
      options.setMaxWriteBufferNumber(WRITE_BUFFERS);
    }
  }

  @Override
  public void close(String storeName, Options options) {
    bloom.close();
  }
}
