package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.face.HttpStatuses;
import io.penstock.policies.Reason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HttpStatusesTest {
  @ParameterizedTest
  @EnumSource
  void aReasonThatIsWorthTryingAgainIsNeverTheCallersFault(Reason reason) {
    int status = HttpStatuses.of(reason);
    assertThat(status).isBetween(400, 599);
    if (reason.retryable()) {
      assertThat(status == 429 || status >= 500).as("%s → %s", reason, status).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "MALFORMED_JSON",
        "UNKNOWN_FIELD",
        "EMPTY_PROMPT",
        "PROMPT_TOO_LARGE",
        "UNKNOWN_LANE"
      })
  void aBadRequestIsA400(Reason reason) {
    assertThat(HttpStatuses.of(reason)).isEqualTo(400);
  }
}
