package io.penstock.workers.provider;

/**
 * A provider's secret. It never shows in {@link #toString()}, and a key that could not be sent as a
 * header is refused here, because later its text would be part of an exception.
 */
public record ApiKey(String value) {

  public ApiKey {
    if (value.isEmpty() || !value.chars().allMatch(ApiKey::fit)) {
      throw new IllegalArgumentException(
          "an API key consists of visible ASCII characters without quotes: look for a line break, a space or"
              + " a quote that was copied with it");
    }
  }

  private static boolean fit(int c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\'';
  }

  @Override
  public String toString() {
    return "ApiKey[***]";
  }
}
