package io.penstock.policies.admit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "\u007f",
        "\u0080",
        "\u00e9",
        "\u07ff",
        "\u0800",
        "\u20ac",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\ud83d\ude00",
        "\udbff\udfff",
        "mixed: a\u00e9\u20ac\ud83d\ude00"
      })
  void aTextIsAsLongAsItsBytes(String text) {
    assertThat(Utf8.length(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
  }

  /** It is sent as a question mark; what matters is that it is not counted too short. */
  @ParameterizedTest
  @ValueSource(strings = {"\ud83d", "\ude00", "\ude00\ud83d", "a\ud83db"})
  void halfAPairIsNeverCountedTooShort(String text) {
    assertThat(Utf8.length(text))
        .isGreaterThanOrEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
  }

  @Test
  void everyCharacterIsCountedAsItIsWritten() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        String text = Character.toString(c);
        if (Utf8.length(text) != text.getBytes(StandardCharsets.UTF_8).length) {
          throw new AssertionError(Integer.toHexString(c));
        }
      }
    }
  }
}
