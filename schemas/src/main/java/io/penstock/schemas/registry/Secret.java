package io.penstock.schemas.registry;

/** A password. It never shows in a log: {@link #toString()} does not contain it. */
public record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
