package io.penstock.ingress.openai;

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

/** {@code POST /v1/chat/completions}. */
public final class ChatFace implements Face {
  @Override
  public Reading<InferenceBody> read(byte[] body, Room room) {
    return ChatReader.read(body, room);
  }

  @Override
  public Written answered(InferenceResponse response) {
    return new Written(HttpStatuses.OK, ChatWriter.completion(response, response.getAnswer()));
  }

  @Override
  public Written failed(Failure failure, @Nullable String id) {
    return OpenAiErrors.of(failure);
  }

  @Override
  public Written later(String id) {
    return OpenAiErrors.of(Face.unanswered(id));
  }

  @Override
  public List<String> idHeaders() {
    return List.of("x-request-id");
  }

  @Override
  public Telling telling(String id, Instant acceptedAt, InferenceBody.Streaming wanted) {
    return new ChatTelling(id, acceptedAt, wanted);
  }
}
