package io.penstock.ingress.anthropic;

import io.penstock.ingress.face.Face;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.face.Telling;
import io.penstock.ingress.face.Written;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Room;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/messages}. */
public final class MessagesFace implements Face {
  @Override
  public Reading<InferenceBody> read(byte[] body, Room room) {
    return MessagesReader.read(body, room);
  }

  @Override
  public Written answered(InferenceResponse response) {
    return new Written(HttpStatuses.OK, MessagesWriter.message(response, response.getAnswer()));
  }

  @Override
  public Written failed(Failure failure, @Nullable String id) {
    return AnthropicErrors.of(failure, id);
  }

  @Override
  public Written later(String id) {
    return AnthropicErrors.of(Face.unanswered(id), id);
  }

  @Override
  public List<String> idHeaders() {
    return List.of("request-id");
  }

  @Override
  public Telling telling(String id, Instant acceptedAt, InferenceBody.Streaming wanted) {
    return new MessagesTelling(id);
  }
}
