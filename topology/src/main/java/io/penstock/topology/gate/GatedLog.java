package io.penstock.topology.gate;

import java.util.OptionalLong;

/** What has been let in, read from the log. */
public interface GatedLog {
  /** A log of which nothing is known. */
  GatedLog UNKNOWN = (partition, before) -> OptionalLong.empty();

  /**
   * How far a partition of the lane has been let in.
   *
   * @param before as of the gated records with a lower offset than this
   * @return the highest offset on the lane that a gated record came from; empty if there is none
   */
  OptionalLong passed(int partition, long before);
}
