package io.penstock.schemas;

/**
 * A text to be kept: a password, or a key. It never shows in a log: {@link #toString()} does not
 * contain it.
 */
public record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
