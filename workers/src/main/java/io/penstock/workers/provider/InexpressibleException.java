package io.penstock.workers.provider;

/** A part of a request for which a dialect has no words. Nothing was called. */
final class InexpressibleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param part as the requester named it
   */
  InexpressibleException(String part) {
    super(part, null, false, false);
  }
}
