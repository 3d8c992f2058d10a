package io.penstock.policies.fingerprint;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** SHA-256 over parts that carry their length, so that no two lists of parts look alike. */
final class LengthPrefixedDigest {
  private static final int KEPT_BYTES = 16;
  private static final int ABSENT = -1;

  private final MessageDigest sha256;

  LengthPrefixedDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  LengthPrefixedDigest add(@Nullable String part) {
    if (part == null) {
      return add(ABSENT);
    }
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    sha256.update(bytes);
    return this;
  }

  LengthPrefixedDigest add(int number) {
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    return this;
  }

  LengthPrefixedDigest add(@Nullable Integer part) {
    return add(part == null ? null : Integer.toString(part));
  }

  LengthPrefixedDigest add(@Nullable Double part) {
    return add(part == null ? null : Double.toString(part));
  }

  LengthPrefixedDigest addIfPresent(String name, @Nullable String part) {
    return part == null ? this : add(name).add(part);
  }

  String hex() {
    return hex(sha256);
  }

  /** The digest of what was added until now; more may follow. */
  String hexSoFar() {
    try {
      return hex((MessageDigest) sha256.clone());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), KEPT_BYTES));
  }
}
