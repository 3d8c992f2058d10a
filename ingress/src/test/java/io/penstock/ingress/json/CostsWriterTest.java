package io.penstock.ingress.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.ledger.By;
import io.penstock.ingress.ledger.Query;
import io.penstock.ingress.ledger.Report;
import io.penstock.ingress.ledger.Sum;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CostsWriterTest {
  @Test
  void theLedgerIsWrittenWithItsTotalAndWhatItIsComparedWith() {
    var sum =
        new Sum(
            3, pico(1_500_000), pico(20), pico(500_000), pico(1), pico(40), pico(30), 1, pico(7));
    var report =
        new Report(
            new TreeMap<>(Map.of("express", sum)), sum, new TreeMap<>(Map.of("exact", pico(20))));
    var query =
        new Query(By.LANE, null, LocalDate.parse("2026-11-01"), LocalDate.parse("2026-12-01"));
    String amounts =
        "\"events\":3,\"tokens\":40,\"cached_tokens\":30,\"spent_usd\":\"0.0000015\","
            + "\"avoided_usd\":\"0.00000000002\","
            + "\"baseline_usd\":\"0.00000150002\",\"estimated_usd\":\"0.0000005\","
            + "\"orphaned_usd\":\"0.000000000001\",\"unknown_events\":1,\"unknown_tokens\":7";
    assertThat(new String(CostsWriter.write(query, report), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"by\":\"lane\",\"from\":\"2026-11-01\",\"to\":\"2026-12-01\",\"baseline\":\""
                + Report.BASELINE
                + "\",\"rows\":[{\"key\":\"express\","
                + amounts
                + "}],\"total\":{"
                + amounts
                + ",\"avoided_by_cause\":{\"exact\":\"0.00000000002\"}}}");
  }

  private static BigInteger pico(long amount) {
    return BigInteger.valueOf(amount);
  }
}
