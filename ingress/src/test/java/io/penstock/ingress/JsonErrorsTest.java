package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.junit.jupiter.api.Test;

class JsonErrorsTest {
  @Test
  void whoeverIsTurnedAwayForNowIsToldWhenToComeBack() {
    assertThat(described(503).get(HttpHeader.RETRY_AFTER)).isEqualTo("1");
    assertThat(described(400).contains(HttpHeader.RETRY_AFTER)).isFalse();
  }

  private static HttpFields described(int status) {
    var headers = HttpFields.build();
    JsonErrors.describe(status, headers);
    return headers;
  }
}
