package io.penstock.schemas;

/** Sizes that must agree everywhere, set once. */
public final class Limits {
  /** The largest prompt, and the largest answer, in bytes of UTF-8. */
  public static final int LARGEST_TEXT_BYTES = 4 * 1024 * 1024;

  /**
   * The largest Kafka record, for brokers, topics, producers and consumers alike. An in-flight
   * entry holds one prompt with its envelope, and no record holds a prompt and an answer.
   */
  public static final int LARGEST_RECORD_BYTES = LARGEST_TEXT_BYTES + 1024 * 1024;

  /** The largest fetch or produce request: a few records of the largest kind. */
  public static final int LARGEST_REQUEST_BYTES = 4 * LARGEST_RECORD_BYTES;

  /** Bound on the tags of one request, names and values together, in bytes of UTF-8. */
  public static final int LARGEST_METADATA_BYTES = 16 * 1024;

  private Limits() {}
}
