package io.penstock.topology.dispatch;

import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Flight;
import java.time.Instant;
import java.util.function.Predicate;

/**
 * What was handed out lately, asked when a task takes over another's state: a dispatch that is on
 * the log is not lost, however long it queues.
 */
public interface WorkLog {

  /**
   * A dispatch as it was handed out. It is named after a request, whose id another tenant may use,
   * too.
   */
  record Handed(String tenant, String dispatchId, int firstAttempt) {
    public static Handed of(Dispatch dispatch) {
      return new Handed(
          dispatch.getRequests().getFirst().getTenant(),
          dispatch.getId(),
          dispatch.getFirstAttempt());
    }

    /** The latest of a flight. */
    public static Handed of(Flight flight) {
      return new Handed(
          flight.getLeader().getTenant(), flight.getDispatchId(), flight.getAttempts() + 1);
    }
  }

  /** A log of which nothing is known: every recent dispatch may be lost. */
  WorkLog UNKNOWN =
      new WorkLog() {
        @Override
        public Predicate<Handed> toWorkers(Instant since) {
          return handed -> false;
        }

        @Override
        public Predicate<Handed> out(Instant since) {
          return handed -> false;
        }
      };

  /**
   * What workers were given.
   *
   * @param since nothing older is asked for
   * @return reads the log when it is first asked, on the asking thread
   */
  Predicate<Handed> toWorkers(Instant since);

  /** The same, or what was given to a window. */
  Predicate<Handed> out(Instant since);
}
