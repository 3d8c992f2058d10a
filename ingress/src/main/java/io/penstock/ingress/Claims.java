package io.penstock.ingress;

import io.penstock.client.PenstockClient;
import io.penstock.client.Submission;
import io.penstock.ingress.status.Lookup;
import io.penstock.ingress.status.StatusIndex;
import io.penstock.policies.Reason;
import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Requests under idempotency keys: what is answered is answered again, what is under way here is
 * joined, and the rest is sent under the id that its key stands for, by which the topology knows it
 * again if another instance has sent it. Any thread.
 */
final class Claims {
  private final PenstockClient client;
  private final StatusIndex status;
  private final ConcurrentHashMap<String, Claim> underWay = new ConcurrentHashMap<>();

  /** A key in use: the text it stands for, and whether that is durable. */
  private record Claim(String fingerprint, CompletableFuture<Void> accepted) {}

  Claims(PenstockClient client, StatusIndex status) {
    this.client = client;
    this.status = status;
  }

  Waits.End await(Lane lane, InferenceRequest request, Duration patience) {
    String fingerprint = Fingerprint.of(request).hex();
    // First wait, then look: what arrives in between is in one of the two.
    CompletableFuture<InferenceResponse> response = client.await(request);
    try {
      if (status.find(request.getId()) instanceof Lookup.Found(InferenceResponse known)) {
        return same(known, fingerprint) ? new Waits.End.Response(known) : reused();
      }
      var claim = new Claim(fingerprint, new CompletableFuture<>());
      Claim earlier = underWay.putIfAbsent(request.getId(), claim);
      if (earlier == null) {
        return send(lane, request, claim, patience);
      }
      return earlier.fingerprint().equals(fingerprint)
          ? join(new Submission(request.getId(), earlier.accepted(), response), patience)
          : reused();
    } finally {
      response.cancel(false);
    }
  }

  private Waits.End send(Lane lane, InferenceRequest request, Claim claim, Duration patience) {
    try {
      Submission submission = client.send(lane, request);
      var _ =
          submission
              .accepted()
              .whenComplete((_, error) -> {
                if (error == null) {
                  claim.accepted().complete(null);
                } else {
                  claim.accepted().completeExceptionally(error);
                }
              });
      return Waits.await(submission, patience);
    } finally {
      underWay.remove(request.getId(), claim);
    }
  }

  private static Waits.End join(Submission joined, Duration patience) {
    var _ =
        joined
            .accepted()
            .whenComplete((_, error) -> {
              if (error != null) {
                joined.response().completeExceptionally(error);
              }
            });
    return Waits.await(joined, patience);
  }

  private static boolean same(InferenceResponse known, String fingerprint) {
    return known.getFingerprint() == null || known.getFingerprint().equals(fingerprint);
  }

  private static Waits.End reused() {
    return new Waits.End.NotAccepted(
        Reason.IDEMPOTENCY_KEY_REUSED.because(
            "this idempotency key stands for another request: use a new one",
            IdempotencyKey.HEADER));
  }
}
