package io.penstock.ingress;

import io.penstock.ingress.face.Face;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.face.Written;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.util.ArrayList;
import java.util.List;

/** What goes back over HTTP, in one. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Reply(int status, String contentType, byte[] body, List<Header> headers) implements Outcome {
  private static final String JSON = "application/json";

  /** To whoever may try again. */
  static final Header COME_BACK = new Header("Retry-After", "1");

  record Header(String name, String value) {}

  static Reply json(int status, byte[] body, Header... headers) {
    return new Reply(status, JSON, body, List.of(headers));
  }

  /** The one response of a request, or why there is none. */
  static Reply to(InferenceResponse response, Face face) {
    Failure failure = response.getFailure();
    return failure == null
        ? of(face.answered(response), ReplyHeaders.of(response, face))
        : failure(failure, response.getId(), face);
  }

  /** To a caller whose request goes on without it. */
  static Reply later(String id, Face face) {
    Written written = face.later(id);
    var headers = ReplyHeaders.of(id, face);
    if (written.status() == HttpStatuses.ACCEPTED) {
      headers.add(new Header("Location", "/v1/requests/" + id));
    }
    return of(written, headers);
  }

  static Reply failure(Failure failure) {
    int status = HttpStatuses.of(Reason.ofCode(failure.getCode()).orElse(Reason.INTERNAL_ERROR));
    var written = new Written(status, ResponseWriter.failed(failure, null));
    return of(written, ReplyHeaders.of(failure, status));
  }

  /** Why a request was not accepted. */
  static Reply failure(Failure failure, Face face) {
    Written written = face.failed(failure, null);
    return of(written, ReplyHeaders.of(failure, written.status()));
  }

  /**
   * @param id of the request that failed
   */
  static Reply failure(Failure failure, String id, Face face) {
    Written written = face.failed(failure, id);
    var headers = ReplyHeaders.of(id, face);
    headers.addAll(ReplyHeaders.of(failure, written.status()));
    return of(written, headers);
  }

  private static Reply of(Written written, List<Header> headers) {
    return new Reply(written.status(), JSON, written.body(), new ArrayList<>(headers));
  }
}
