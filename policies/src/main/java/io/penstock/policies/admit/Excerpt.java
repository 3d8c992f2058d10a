package io.penstock.policies.admit;

/** What is wrong, as much of it as fits a message. */
final class Excerpt {
  private static final int LONGEST = 64;

  private Excerpt() {}

  static String of(String value) {
    return value.length() <= LONGEST ? value : value.substring(0, LONGEST) + "…";
  }
}
