package io.penstock.ingress.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.Answers;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ServedBy;
import io.penstock.schemas.avro.Status;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ResponseWriterTest {
  @Test
  void whatIsUnknownIsNullAndNeverZero() {
    assertThat(text(ResponseWriter.answered(answered().build())))
        .isEqualTo(
            "{\"id\":\"r1\",\"text\":\"\\\"é😀\\\"\",\"model\":null,\"provider\":null,"
                + "\"finish_reason\":\"stop\",\"served_by\":\"exact\",\"usage\":null,"
                + "\"cost_usd\":null,\"avoided_usd\":null,\"latency_ms\":1500}");
  }

  @Test
  void amountsAreDecimalStringsWithoutExponents() {
    var response = answered().setSpentPicoUsd(1L).setAvoidedPicoUsd(12_000_000_000_000L).build();
    assertThat(text(ResponseWriter.answered(response)))
        .contains("\"cost_usd\":\"0.000000000001\",\"avoided_usd\":\"12\"");
  }

  @Test
  void anErrorNamesItsFieldOnlyWhenThereIsOne() {
    var failure = new Failure("code", "a sentence", null, true, null, null);
    assertThat(text(ResponseWriter.failed(failure, null)))
        .isEqualTo("{\"error\":{\"code\":\"code\",\"message\":\"a sentence\",\"retryable\":true}}");
  }

  private static InferenceResponse.Builder answered() {
    return InferenceResponse.newBuilder()
        .setId("r1")
        .setTenant("acme")
        .setLane(Lane.EXPRESS)
        .setStatus(Status.ANSWERED)
        .setAnswer(Answers.text("\"é😀\"", "stop"))
        .setServedBy(ServedBy.EXACT)
        .setAcceptedAt(Instant.EPOCH)
        .setCompletedAt(Instant.EPOCH.plusMillis(1500));
  }

  private static String text(byte[] document) {
    return new String(document, StandardCharsets.UTF_8);
  }
}
