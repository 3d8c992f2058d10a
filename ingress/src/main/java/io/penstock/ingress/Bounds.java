package io.penstock.ingress;

import io.penstock.ingress.json.Bodies;

/**
 * How much one instance takes in at once, so that a flood waits or is turned away while the memory
 * lasts.
 *
 * @param bodyBytes of all the bodies that are being taken in; no less than the largest has
 * @param connections open at the same time; the next wait to be accepted
 */
public record Bounds(long bodyBytes, int connections) {
  public static final int CONNECTIONS = 10_000;

  // What is made of a body while it is read and sent takes a few times its size.
  private static final int OF_THE_HEAP = 8;

  public Bounds {
    if (bodyBytes < Bodies.LARGEST_BATCH_BYTES) {
      throw new IllegalArgumentException(
          "the bound on body bytes must be at least "
              + Bodies.LARGEST_BATCH_BYTES
              + ", the largest batch; it is "
              + bodyBytes);
    }
    if (connections < 1) {
      throw new IllegalArgumentException(
          "the bound on connections must be at least 1; it is " + connections);
    }
  }

  /**
   * An eighth of the heap, if that holds the largest body, and {@value #CONNECTIONS} connections.
   */
  public static Bounds usual() {
    return new Bounds(
        Math.max(Bodies.LARGEST_BATCH_BYTES, Runtime.getRuntime().maxMemory() / OF_THE_HEAP),
        CONNECTIONS);
  }
}
