package io.penstock.ingress.own;

import io.penstock.ingress.face.Face;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.face.Telling;
import io.penstock.ingress.face.Written;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.InferenceReader;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.ingress.json.Room;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/inference}. */
public final class OwnFace implements Face {
  @Override
  public Reading<InferenceBody> read(byte[] body, Room room) {
    return InferenceReader.read(body, room);
  }

  @Override
  public Written answered(InferenceResponse response) {
    return new Written(HttpStatuses.OK, ResponseWriter.answered(response));
  }

  @Override
  public Written failed(Failure failure, @Nullable String id) {
    int status = HttpStatuses.of(Reason.ofCode(failure.getCode()).orElse(Reason.INTERNAL_ERROR));
    return new Written(status, ResponseWriter.failed(failure, id));
  }

  @Override
  public Written later(String id) {
    return new Written(HttpStatuses.ACCEPTED, ResponseWriter.accepted(id));
  }

  @Override
  public boolean wantsAnAnswer() {
    return false;
  }

  @Override
  public boolean streamsOnQuery() {
    return true;
  }

  @Override
  public Telling telling(String id, Instant acceptedAt, InferenceBody.Streaming wanted) {
    return new OwnTelling();
  }
}
