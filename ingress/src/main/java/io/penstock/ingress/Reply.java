package io.penstock.ingress;

import io.penstock.ingress.json.ResponseWriter;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What goes back over HTTP. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Reply(int status, String contentType, byte[] body, List<Header> headers) {
  private static final String JSON = "application/json";
  private static final String ID = "x-penstock-id";

  /** To whoever may try again. */
  static final Header COME_BACK = new Header("Retry-After", "1");

  record Header(String name, String value) {}

  static Reply json(int status, byte[] body, Header... headers) {
    return new Reply(status, JSON, body, List.of(headers));
  }

  /** The one response of a request, or why there is none. */
  static Reply to(InferenceResponse response) {
    Failure failure = response.getFailure();
    return failure == null
        ? json(HttpStatuses.OK, ResponseWriter.answered(response), new Header(ID, response.getId()))
        : failure(failure, response.getId());
  }

  /** To a caller whose request goes on without it. */
  static Reply accepted(String id) {
    return json(
        HttpStatuses.ACCEPTED,
        ResponseWriter.accepted(id),
        new Header("Location", "/v1/requests/" + id),
        new Header(ID, id));
  }

  static Reply failure(Failure failure) {
    return failure(failure, null);
  }

  /**
   * @param id of the request that failed, when it was accepted
   */
  private static Reply failure(Failure failure, @Nullable String id) {
    int status = HttpStatuses.of(Reason.ofCode(failure.getCode()).orElse(Reason.INTERNAL_ERROR));
    var headers = new ArrayList<Header>(2);
    if (id != null) {
      headers.add(new Header(ID, id));
    }
    if (HttpStatuses.passing(status) && failure.getRetryable()) {
      headers.add(COME_BACK);
    }
    return new Reply(status, JSON, ResponseWriter.failed(failure, id), headers);
  }
}
