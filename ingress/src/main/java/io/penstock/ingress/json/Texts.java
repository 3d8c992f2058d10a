package io.penstock.ingress.json;

/** What is text and what is not. */
final class Texts {
  private Texts() {}

  /** Where a surrogate stands that is half of no pair; -1 when each has its other half. */
  static int firstHalfCharacter(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}
