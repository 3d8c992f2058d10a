package io.penstock.ingress;

/** What becomes of a request whose caller left before it was answered. */
public enum Disconnect {
  /**
   * It goes on. Most of those who leave had a time limit shorter than the answer, and ask again:
   * they join the request that is under way, or find its answer in the cache, instead of paying for
   * the beginning of it twice. And the answer is found under its id.
   */
  DRAIN,

  /**
   * It is withdrawn: when nobody else waits for the answer, the provider is hung up on. For long
   * answers that nobody asks for again. What stands under an idempotency key is never withdrawn.
   */
  CANCEL
}
