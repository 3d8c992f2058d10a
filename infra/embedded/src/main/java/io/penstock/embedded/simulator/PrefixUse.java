package io.penstock.embedded.simulator;

import java.util.List;

/**
 * What a prompt reads from the prefix cache and writes to it, in tokens.
 *
 * @param writesLong tokens written to be kept for an hour
 * @param kept the prefixes that become readable once the answer has begun
 */
record PrefixUse(int reads, int writes, int writesLong, List<Prefix> kept) {
  static final PrefixUse NONE = new PrefixUse(0, 0, 0, List.of());

  PrefixUse {
    kept = List.copyOf(kept);
  }
}
