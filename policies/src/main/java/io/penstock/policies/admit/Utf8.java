package io.penstock.policies.admit;

/** Sizes of text on the wire, without writing it. */
final class Utf8 {
  private Utf8() {}

  static long length(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes += 1;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (Character.isSurrogate(c)) {
        bytes += 2; // half of a pair of 4
      } else {
        bytes += 3;
      }
    }
    return bytes;
  }
}
