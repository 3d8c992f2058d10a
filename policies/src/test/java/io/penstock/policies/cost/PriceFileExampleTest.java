package io.penstock.policies.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The price file that the documentation shows. */
class PriceFileExampleTest {
  private static final String FENCE = "```json";
  private static final Path DOCUMENTATION = Path.of("../infra/prices/README.md");

  @Test
  void theExampleIsAPriceFile() throws IOException {
    String text = Files.readString(DOCUMENTATION);
    int begin = text.indexOf(FENCE) + FENCE.length();
    String example = text.substring(begin, text.indexOf("```", begin));

    PriceCatalogue catalogue =
        PriceCatalogue.parse(new ByteArrayInputStream(example.getBytes(StandardCharsets.UTF_8)));

    Price price =
        catalogue
            .find("openai", "gpt-5.4", "batch", Instant.parse("2026-11-24T12:00:00Z"))
            .orElseThrow();
    assertThat(price.of(Tokens.plain(1_000_000, 0))).isEqualTo(Money.parse("1.25"));
  }
}
