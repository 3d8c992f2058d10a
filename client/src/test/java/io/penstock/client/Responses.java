package io.penstock.client;

import io.penstock.schemas.Answers;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ServedBy;
import io.penstock.schemas.avro.Status;
import java.time.Instant;

/** Responses as the topology would write them. */
final class Responses {
  private Responses() {}

  static InferenceResponse answered(String id, String text) {
    return of(id, Status.ANSWERED)
        .setAnswer(Answers.text(text, "stop"))
        .setServedBy(ServedBy.PROVIDER)
        .build();
  }

  static InferenceResponse rejected(String id, String fingerprint) {
    return of(id, Status.REJECTED)
        .setFailure(new Failure("idempotency_key_reused", "another text", null, false, null, null))
        .setFingerprint(fingerprint)
        .build();
  }

  private static InferenceResponse.Builder of(String id, Status status) {
    return InferenceResponse.newBuilder()
        .setId(id)
        .setTenant("default")
        .setLane(Lane.STANDARD)
        .setStatus(status)
        .setAcceptedAt(Instant.EPOCH)
        .setCompletedAt(Instant.EPOCH);
  }
}
