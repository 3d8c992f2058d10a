package io.penstock.topology.settle;

import io.penstock.schemas.avro.Flight;
import java.time.Instant;
import java.util.function.Predicate;

/**
 * What was handed to workers lately, asked when a task takes over another's state: a dispatch that
 * is on the log is not lost, however long it queues.
 */
public interface WorkLog {

  /** A log of which nothing is known: every recent dispatch may be lost. */
  WorkLog UNKNOWN = since -> flight -> false;

  /**
   * Which flights' latest dispatches are on the log.
   *
   * @param since nothing older is asked for
   * @return reads the log when it is first asked, on the asking thread
   */
  Predicate<Flight> since(Instant since);
}
