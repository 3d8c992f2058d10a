package io.penstock.ingress;

import io.penstock.client.PenstockClient;
import io.penstock.client.Submission;
import io.penstock.ingress.json.Reading;
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

  /**
   * What the caller is to wait for.
   *
   * @param patience half of it may pass in looking for an answer, so that there is some left for
   *     asking
   */
  Reading<Submission> send(Lane lane, InferenceRequest request, Duration patience) {
    String id = request.getId();
    String fingerprint = Fingerprint.of(request).hex();
    // First wait, then look: what arrives in between is in one of the two.
    CompletableFuture<InferenceResponse> response = client.await(request);
    if (status.find(id, patience.dividedBy(2)) instanceof Lookup.Found(InferenceResponse known)) {
      response.cancel(false);
      return same(known, fingerprint) ? new Reading.Read<>(ended(known)) : reused();
    }
    var claim = Claim.of(fingerprint);
    Claim earlier = underWay.putIfAbsent(id, claim);
    if (earlier == null) {
      Submission submission = lead(lane, request, claim);
      response.cancel(false);
      return new Reading.Read<>(submission);
    }
    if (!earlier.fingerprint().equals(fingerprint)) {
      response.cancel(false);
      return reused();
    }
    earlier.lead(response);
    return new Reading.Read<>(new Submission(id, earlier.accepted(), response));
  }

  /** The claim lasts for as long as its caller waits. */
  private Submission lead(Lane lane, InferenceRequest request, Claim claim) {
    Submission submission = client.send(lane, request);
    claim.follow(submission);
    var _ = submission.response().whenComplete((_, _) -> underWay.remove(request.getId(), claim));
    return submission;
  }

  private static Submission ended(InferenceResponse known) {
    return new Submission(
        known.getId(),
        CompletableFuture.completedFuture(null),
        CompletableFuture.completedFuture(known));
  }

  private static boolean same(InferenceResponse known, String fingerprint) {
    return known.getFingerprint() == null || known.getFingerprint().equals(fingerprint);
  }

  private static Reading<Submission> reused() {
    return new Reading.Refused<>(
        Reason.IDEMPOTENCY_KEY_REUSED.because(
            "this idempotency key stands for another request: use a new one",
            IdempotencyKey.HEADER));
  }
}
