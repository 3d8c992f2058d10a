package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client library would not send. */
@ExtendWith(Penstock.Extension.class)
class RawHttpTest {
  private static final String END = "Host: x\r\nConnection: close\r\n\r\n";
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    http = shared.ingress();
  }

  @ParameterizedTest
  @CsvSource({
    "'GET /v1/requests/%zz HTTP/1.1', 400",
    "'GET /../../etc/passwd HTTP/1.1', 400",
    "'GET /v1/requests/a%2fb HTTP/1.1', 404",
    "'GET /v1/requests/%00 HTTP/1.1', 400",
    "'GET /v1/requests/%ff%fe HTTP/1.1', 400",
    "'G=T / HTTP/1.1', 400",
    "'nonsense', 400",
    "'BREW /v1/inference HTTP/1.1', 405",
    "'PUT /v1/inference HTTP/1.1', 405",
    "'DELETE /v1/requests/x HTTP/1.1', 405",
    "'OPTIONS /v1/inference HTTP/1.1', 405",
    "'BREW /nowhere HTTP/1.1', 404",
    "'GET /v1/requests/ HTTP/1.1', 404",
  })
  void whatIsNotRightAsHttpIsRefusedInOurShape(String line, int status) {
    String got = send(line + "\r\n" + END);
    assertThat(got).as(line).startsWith("HTTP/1.1 " + status);
    assertThat(got).as(line).contains("application/json").contains("{\"error\":{\"code\":\"");
  }

  @Test
  void aHeaderBeyondTheLimitIsRefused() {
    String got = send("GET /health HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n" + END);
    assertThat(got).startsWith("HTTP/1.1 431").contains("{\"error\":{\"code\":\"");
  }

  @Test
  void aKeyThatIsNotAsciiIsRefused() {
    String got =
        send(post("Idempotency-Key: smörgås\r\nContent-Length: 14\r\n", "{\"prompt\":\"x\"}"));
    assertThat(got).startsWith("HTTP/1.1 400").contains("\"field\":\"Idempotency-Key\"");
  }

  @Test
  void aBodyThatEndsEarlyIsRefused() {
    String got = send(post("Content-Length: 100\r\n", "{\"prompt\":\"x\"}"));
    assertThat(got).startsWith("HTTP/1.1 400").contains("malformed_json");
  }

  @Test
  void aChunkThatIsNoneIsRefused() {
    String got = send(post("Transfer-Encoding: chunked\r\n", "zz\r\nhello\r\n0\r\n\r\n"));
    assertThat(got).startsWith("HTTP/1.1 400").contains("{\"error\":{\"code\":\"");
  }

  @Test
  void theHeadOfAPageMayBeAskedFor() {
    assertThat(send("HEAD /health HTTP/1.1\r\n" + END)).startsWith("HTTP/1.1 200");
  }

  private static String post(String headers, String body) {
    return "POST /v1/inference HTTP/1.1\r\n" + headers + END + body;
  }

  private static String send(String request) {
    return Raw.exchange(http.port(), request.getBytes(StandardCharsets.UTF_8));
  }
}
