package io.penstock.embedded.simulator;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Stable 64-bit hashes: the same in every JVM and every release. */
final class Digest {
  private Digest() {}

  /** A hash of a name and some bytes. */
  static long of(String name, byte[] bytes) {
    MessageDigest sha = sha256();
    sha.update(name.getBytes(StandardCharsets.UTF_8));
    sha.update((byte) 0);
    return first64(sha.digest(bytes));
  }

  /** The next link of a chain: a hash of the link before and the bytes between the two. */
  static long link(long before, byte[] bytes, int from, int to) {
    MessageDigest sha = sha256();
    sha.update(ByteBuffer.allocate(Long.BYTES).putLong(before).flip());
    sha.update(bytes, from, to - from);
    return first64(sha.digest());
  }

  /** Scatters a number: its neighbours get unrelated values (the finaliser of SplitMix64). */
  static long scatter(long number) {
    long z = number + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private static long first64(byte[] digest) {
    return ByteBuffer.wrap(digest).getLong();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
