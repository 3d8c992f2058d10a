package io.penstock.infra.costs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

final class BudgetsPageTest {
  @Test
  void thePageIsAlignedAndSaysWhatIsExceeded() throws JsonProcessingException {
    assertThat(
            page(
                """
                {"budgets": [
                  {"tenant": "acme", "key": null, "period": "day", "kind": "hard",
                   "to": "2026-11-25T00:00:00Z", "limit_usd": "2.5", "spent_usd": "0.75",
                   "reserved_usd": "0.25", "remaining_usd": "1.75", "exceeded": false},
                  {"tenant": "acme", "key": "acme-1a2b3c4d", "period": "total", "kind": "soft",
                   "to": null, "limit_usd": "10", "spent_usd": "10.125", "reserved_usd": "0",
                   "remaining_usd": "0", "exceeded": true}]}
                """))
        .isEqualTo(
            """
            tenant            key         kind                 until  limit    spent  reserved  remaining
            acme                     hard, day  2026-11-25T00:00:00Z   $2.5   $0.750     $0.25      $1.75
            acme    acme-1a2b3c4d  soft, total                        $10.0  $10.125     $0.00      $0.00  exceeded
            """);
  }

  @Test
  void withoutBudgetsItSaysWhereTheyAreWritten() throws JsonProcessingException {
    assertThat(page("{\"budgets\": []}")).isEqualTo("no budgets: write some in penstock.yaml\n");
  }

  private static String page(String json) throws JsonProcessingException {
    return BudgetsPage.of(new ObjectMapper().readTree(json));
  }
}
