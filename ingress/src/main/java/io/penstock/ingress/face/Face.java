package io.penstock.ingress.face;

import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Room;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An API in which requests come and answers go. Implementations have no state. Any thread. */
public interface Face {
  /** Reads a body. */
  Reading<InferenceBody> read(byte[] body, Room room);

  /** An answer. */
  Written answered(InferenceResponse response);

  /**
   * Why there is none.
   *
   * @param id of the request that failed, when it was accepted
   */
  Written failed(Failure failure, @Nullable String id);

  /** To a caller that waited for as long as it may: its request goes on without it. */
  Written later(String id);

  /** What a caller is told that expects an answer, and not an id. */
  static Failure unanswered(String id) {
    return Reason.DEADLINE_EXCEEDED.because(
        "there was no answer in the time that was given; if there is one yet, it is found at"
            + " /v1/requests/"
            + id);
  }

  /** What a caller is told when this instance stops before the answer is there. */
  static Failure stopping(String id) {
    return Reason.UNAVAILABLE.because(
        "this instance is stopping; the request goes on, and its answer will be found at"
            + " /v1/requests/"
            + id);
  }

  /** Names of headers under which callers of this API look for the id of a request. */
  default List<String> idHeaders() {
    return List.of();
  }

  /** Whether callers of this API know nothing of answers that come later. */
  default boolean wantsAnAnswer() {
    return true;
  }

  /** Whether {@code ?stream=true} says so too that an answer is wanted piece by piece. */
  default boolean streamsOnQuery() {
    return false;
  }

  /** Begins to tell the answer to the request with this id piece by piece. */
  Telling telling(String id, Instant acceptedAt, InferenceBody.Streaming wanted);
}
