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
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests under idempotency keys: what is answered is answered again, what is under way here is
 * joined, and the rest is sent under the id that its key stands for, by which the topology knows it
 * again if another instance has sent it. Any thread.
 */
final class Claims {
  private final PenstockClient client;
  private final StatusIndex status;
  private final ConcurrentHashMap<String, Claim> underWay = new ConcurrentHashMap<>();

  /** A key in use: the text it stands for, whether that is durable, and its response. */
  private record Claim(
      String fingerprint,
      CompletableFuture<Void> accepted,
      CompletableFuture<InferenceResponse> response) {

    static Claim of(String fingerprint) {
      return new Claim(fingerprint, new CompletableFuture<>(), new CompletableFuture<>());
    }

    void follow(Submission submission) {
      var _ = submission.accepted().whenComplete(Claim.into(accepted));
      var _ = submission.response().whenComplete(Claim.into(response));
    }

    /*
     * The response may have been handed out just before the joining caller began to wait for it; then
     * the one who sent has it. If that one gives up, the joining caller waits on for itself.
     */
    void lead(CompletableFuture<InferenceResponse> joining) {
      var _ =
          accepted.exceptionally(error -> {
            joining.completeExceptionally(error);
            return null;
          });
      var _ = response.thenAccept(joining::complete);
    }

    private static <T> BiConsumer<T, @Nullable Throwable> into(CompletableFuture<T> target) {
      return (value, error) -> {
        if (error == null) {
          target.complete(value);
        } else {
          target.completeExceptionally(error);
        }
      };
    }
  }

  Claims(PenstockClient client, StatusIndex status) {
    this.client = client;
    this.status = status;
  }

  Waits.End await(Lane lane, InferenceRequest request, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    String fingerprint = Fingerprint.of(request).hex();
    // First wait, then look: what arrives in between is in one of the two.
    CompletableFuture<InferenceResponse> response = client.await(request);
    try {
      // Half the time for looking, so that there is some left for asking.
      if (status.find(request.getId(), patience.dividedBy(2))
          instanceof Lookup.Found(InferenceResponse known)) {
        return same(known, fingerprint) ? new Waits.End.Response(known) : reused();
      }
      var left = Duration.ofNanos(until - System.nanoTime());
      var claim = Claim.of(fingerprint);
      Claim earlier = underWay.putIfAbsent(request.getId(), claim);
      if (earlier == null) {
        return send(lane, request, claim, left);
      }
      if (!earlier.fingerprint().equals(fingerprint)) {
        return reused();
      }
      earlier.lead(response);
      return Waits.await(new Submission(request.getId(), earlier.accepted(), response), left);
    } finally {
      response.cancel(false);
    }
  }

  private Waits.End send(Lane lane, InferenceRequest request, Claim claim, Duration patience) {
    try {
      Submission submission = client.send(lane, request);
      claim.follow(submission);
      return Waits.await(submission, patience);
    } finally {
      underWay.remove(request.getId(), claim);
    }
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
