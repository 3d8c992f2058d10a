package io.penstock.workers.provider;

/** A provider did not do with a batch what it was asked to, or nobody knows whether it did. */
public final class BatchRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Result.Failed failure;

  BatchRefusedException(Result.Failed failure) {
    super(failure.message());
    this.failure = failure;
  }

  /** Why. */
  public Result.Failed failure() {
    return failure;
  }
}
