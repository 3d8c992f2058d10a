package io.penstock.ingress;

import io.penstock.client.RequestIds;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.Reading;
import io.penstock.policies.Requests;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.admit.Admission.Verdict;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Makes requests of bodies: judged first, and given an id only then. */
record Intake(Admission admission) {
  // A mistake is reported even while the cluster, on which ids depend, is out of reach.
  private static final String NO_ID_YET = "unnamed";

  /** A request that may be sent, once it has an id. */
  record Admitted(Lane lane, InferenceRequest request) {

    Admitted named(RequestIds ids) {
      String key = request.getIdempotencyKey();
      String id =
          key == null
              ? ids.mint(request.getTenant(), request.getAcceptedAt())
              : ids.ofIdempotencyKey(request.getTenant(), key);
      return new Admitted(lane, Requests.named(request, id));
    }
  }

  /**
   * @param usual the lane of a body that names none
   */
  Reading<Admitted> admit(
      InferenceBody body, Lane usual, Caller caller, @Nullable String idempotencyKey, Instant now) {
    Lane lane = body.laneOr(usual);
    var request = body.toRequest(NO_ID_YET, caller.tenant(), caller.keyId(), idempotencyKey, now);
    return switch (admission.judge(request, lane, now, now)) {
      case Verdict.Admitted(InferenceRequest admitted) ->
          new Reading.Read<>(new Admitted(lane, admitted));
      case Verdict.Refused(var failure) -> new Reading.Refused<>(body.inItsWords(failure));
    };
  }
}
