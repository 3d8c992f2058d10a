package io.penstock.workers;

/** What becomes of a record that the share group delivered. */
enum Fate {
  /** The worker has made it its own, or has written what there is to say about it. */
  TAKEN,

  /** It is for a worker that can do more than this one. */
  PASSED_ON,

  /** It could not be read, or nothing could be written about it in time. */
  FAILED
}
