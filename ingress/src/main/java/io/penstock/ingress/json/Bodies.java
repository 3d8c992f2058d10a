package io.penstock.ingress.json;

/** How large a body may be, in bytes. */
public final class Bodies {
  /** A prompt of the largest size still fits when every character of it is escaped. */
  public static final int LARGEST_INFERENCE_BYTES = 25 * 1024 * 1024;

  public static final int LARGEST_BATCH_BYTES = 64 * 1024 * 1024;

  /** Requests in one batch. */
  public static final int LARGEST_BATCH = 50_000;

  private Bodies() {}
}
