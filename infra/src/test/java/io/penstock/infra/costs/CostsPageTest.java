package io.penstock.infra.costs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

final class CostsPageTest {
  private static final String SUM =
      """
      "events": %d, "tokens": %s, "cached_tokens": %s, "spent_usd": "%s", "avoided_usd": "%s", "baseline_usd": "%s",
      "estimated_usd": "%s", "orphaned_usd": "%s", "unknown_events": %d, "unknown_tokens": %d\
      """;

  @Test
  void thePageIsAlignedAndSaysWhatIsNotCertain() throws JsonProcessingException {
    String costs =
        """
        {"by": "key", "from": "2026-11-01", "baseline": "as if by itself", "rows": [
           {"key": "", %s}, {"key": "website", %s}],
         "total": {%s, "avoided_by_cause": {"coalesced": "0.5", "exact": "1"}}}
        """
            .formatted(
                SUM.formatted(1, "7", "0", "0", "1.5", "1.5", "0", "0", 1, 7),
                SUM.formatted(
                    1234, "99999999999999999999", "1866", "30", "0", "30", "3.0001", "1", 0, 0),
                SUM.formatted(1235, "100", "50", "30", "1.5", "31.5", "3.0001", "1", 1, 7));

    assertThat(CostsPage.of(new ObjectMapper().readTree(costs)))
        .isEqualTo(
            """
            Costs by key from 2026-11-01 (UTC)

            key      events                      tokens  cached  spent  avoided  baseline
            (none)        1                           7       0     $0     $1.5      $1.5
            website   1,234  99,999,999,999,999,999,999   1,866    $30     $0.0     $30.0
            total     1,235                         100      50    $30     $1.5     $31.5

            avoided    coalesced $0.5, exact $1
            estimated  $3.0001 (10.0 % of spent); of it orphaned $1 (3.3 % of spent)
            unknown    1 of 1,235 events (0.1 %), 7 of 100 tokens (7.0 %)
            baseline   as if by itself
            """);
  }

  @Test
  void anEmptyLedgerDividesByNothing() throws JsonProcessingException {
    String costs =
        """
        {"by": "model", "baseline": "as if by itself", "rows": [],
         "total": {%s, "avoided_by_cause": {}}}
        """
            .formatted(SUM.formatted(0, "0", "0", "0", "0", "0", "0", "0", 0, 0));

    assertThat(CostsPage.of(new ObjectMapper().readTree(costs)))
        .startsWith("Costs by model\n")
        .contains("avoided    nothing\n", "estimated  $0; of it orphaned $0\n")
        .contains("unknown    0 of 0 events, 0 of 0 tokens\n");
  }
}
