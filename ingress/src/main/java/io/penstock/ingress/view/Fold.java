package io.penstock.ingress.view;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a view makes of the records of its topic. All is called by the view's one thread; what a
 * fold shows to other threads is its own business.
 */
public interface Fold {
  /**
   * Of the form in which entries are written, from 1. A table of another form is emptied, and made
   * anew from the log.
   */
  int format();

  /** Forget everything, and take up what the table holds: it is what the log says so far. */
  void restore(Table table);

  /**
   * Takes in the next records. What must be remembered goes into {@code changes}, which are written
   * with the place in the log, or not at all. Reading {@code table} shows what was written before.
   */
  void apply(Iterable<ConsumerRecord<byte[], byte[]>> records, Table table, Table.Changes changes);

  /** The changes have been written: they may be shown. */
  void written();
}
