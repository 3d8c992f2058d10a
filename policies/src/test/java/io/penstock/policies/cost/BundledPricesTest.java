package io.penstock.policies.cost;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The price file that ships, read beside the catalogue by other means. */
class BundledPricesTest {
  private static final PriceCatalogue CATALOGUE = PriceCatalogue.bundled();

  static Stream<JsonNode> rows() {
    try (InputStream file = PriceCatalogue.bundledFile()) {
      JsonNode rows = new ObjectMapper().readTree(file).path("rows");
      return StreamSupport.stream(rows.spliterator(), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void thereArePricesOfSeveralProviders() {
    assertThat(rows()).isNotEmpty();
    assertThat(CATALOGUE.providerByModel().values()).contains("openai", "anthropic");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyRowIsReadToThePicoDollar(JsonNode row) {
    Price price =
        CATALOGUE
            .find(row.path("provider").asText(), row.path("model").asText(), from(row))
            .orElseThrow();

    assertThat(price.base()).isEqualTo(rates(row));
    assertThat(price.tiers()).hasSameSizeAs(row.path("tiers"));
    for (int i = 0; i < price.tiers().size(); i++) {
      JsonNode tier = row.path("tiers").get(i);
      assertThat(price.tiers().get(i))
          .isEqualTo(
              new Price.Tier(
                  tier.path("above_input_tokens").asLong(),
                  rates(tier),
                  tier.path("derived").asBoolean()));
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyServiceTierIsReadToThePicoDollar(JsonNode row) {
    row.path("service_tiers")
        .properties()
        .forEach(tier -> {
          Price price = price(row, tier.getKey());
          assertThat(price.terms().serviceTier()).isEqualTo(tier.getKey());
          assertThat(price.base()).isEqualTo(rates(tier.getValue()));
          assertThat(price.version()).endsWith("#" + tier.getKey());
          assertThat(price.terms().derived())
              .isEqualTo(tier.getValue().path("derived").asBoolean());
        });
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aBatchIsHalfThePriceOrNearlySoAndForLongPromptsToo(JsonNode row) {
    for (long input : new long[] {1_000, 1_000_000}) {
      var tokens = Tokens.plain(input, 1_000);

      assertThat(price(row, "batch").of(tokens).times(2)).isEqualTo(price(row, null).of(tokens));
    }
  }

  private static Price price(JsonNode row, @Nullable String tier) {
    return CATALOGUE
        .find(row.path("provider").asText(), row.path("model").asText(), tier, from(row))
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aLongPromptIsNeverCheaperAndACachedOneNeverDearer(JsonNode row) {
    Price price =
        CATALOGUE
            .find(row.path("provider").asText(), row.path("model").asText(), from(row))
            .orElseThrow();

    assertThat(price.of(Tokens.plain(2_000_000, 0)))
        .isGreaterThanOrEqualTo(price.of(Tokens.plain(1_000_000, 0)).times(2));
    assertThat(price.of(new Tokens(0, 1_000_000, 0, 0, 0, 0, Tokens.Special.NONE)))
        .isLessThanOrEqualTo(price.of(Tokens.plain(1_000_000, 0)));
  }

  private static Instant from(JsonNode row) {
    return Instant.parse(row.path("effective_from").asText());
  }

  private static Rates rates(JsonNode node) {
    JsonNode usd = node.path("usd_per_mtok");
    Money input = money(usd, "input");
    Money output = money(usd, "output");
    assertThat(input).isNotNull();
    assertThat(output).isNotNull();
    return new Rates(
        input,
        money(usd, "cache_read"),
        money(usd, "cache_write"),
        money(usd, "cache_write_long"),
        output);
  }

  private static @Nullable Money money(JsonNode usd, String field) {
    return usd.hasNonNull(field)
        ? new Money(
            new BigDecimal(usd.path(field).asText())
                .multiply(BigDecimal.valueOf(1_000_000))
                .longValueExact())
        : null;
  }
}
