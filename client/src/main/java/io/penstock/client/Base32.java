package io.penstock.client;

/** Numbers in Crockford's base 32, lower case: url-safe, sorts as the numbers do. */
final class Base32 {
  private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int BITS = 5;

  private Base32() {}

  /** Appends the low {@code 5 * chars} bits. */
  static void append(StringBuilder out, long number, int chars) {
    for (int i = chars - 1; i >= 0; i--) {
      // The top digit of a 13-digit number has bits beyond a long's: they are zero.
      out.append(DIGITS.charAt((int) (number >>> (i * BITS)) & ((1 << BITS) - 1)));
    }
  }

  /** Reads back what {@link #append} wrote; digits it never writes count as zero. */
  static long parse(String text, int from, int chars) {
    long number = 0;
    for (int i = from; i < from + chars; i++) {
      number = (number << BITS) | Math.max(0, DIGITS.indexOf(text.charAt(i)));
    }
    return number;
  }
}
