package io.penstock.topology.batch;

import io.penstock.schemas.avro.Job;
import io.penstock.schemas.avro.JobItem;
import io.penstock.schemas.avro.JobLine;
import io.penstock.topology.flow.StateStores;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The jobs of one task and what they hold, kept over a restart. What is asked of a provider stays
 * on the log of windows; here is only where it lies. Used by the stream thread only.
 */
final class JobShelf {
  private final KeyValueStore<String, JobItem> items;
  private final KeyValueStore<String, Job> jobs;

  JobShelf(ProcessingContext context) {
    this.items = context.getStateStore(StateStores.JOB_ITEMS);
    this.jobs = context.getStateStore(StateStores.JOBS);
  }

  void put(String window, JobItem item) {
    items.put(key(window, item.getOffset()), item);
  }

  void forget(String window, long offset) {
    items.delete(key(window, offset));
  }

  void put(Job job) {
    jobs.put(key(job), job);
  }

  /** Forgets a job and all that it held. */
  void forget(Job job) {
    for (JobLine line : job.getLines()) {
      forget(job.getWindow(), line.getOffset());
    }
    jobs.delete(key(job));
  }

  void eachJob(Consumer<Job> consumer) {
    try (KeyValueIterator<String, Job> all = jobs.all()) {
      all.forEachRemaining(entry -> consumer.accept(entry.value));
    }
  }

  /** Every item with its window, by offset within each. */
  void eachItem(BiConsumer<String, JobItem> consumer) {
    try (KeyValueIterator<String, JobItem> all = items.all()) {
      all.forEachRemaining(entry ->
          consumer.accept(entry.key.substring(0, entry.key.lastIndexOf(' ')), entry.value));
    }
  }

  private static String key(Job job) {
    return job.getWindow() + " " + job.getId();
  }

  private static String key(String window, long offset) {
    return window + " " + String.format("%016x", offset);
  }
}
