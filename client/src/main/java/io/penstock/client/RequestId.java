package io.penstock.client;

import java.time.Instant;

/** What a request id tells about itself. */
public sealed interface RequestId {
  /** Given out by some {@link RequestIds} of this cluster at {@code at}, to the millisecond. */
  record Minted(Instant at) implements RequestId {}

  /** Stands for an idempotency key; it carries no time. */
  record Claimed() implements RequestId {}

  /** Made up elsewhere: by another cluster, another tenant or a producer of its own mind. */
  record Foreign() implements RequestId {}
}
