package io.penstock.ingress.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.face.Telling;
import io.penstock.ingress.face.Written;
import io.penstock.ingress.json.Faults;
import io.penstock.ingress.json.Fields;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.InferenceBody.Streaming;
import io.penstock.ingress.json.Json;
import io.penstock.ingress.json.OptionFields;
import io.penstock.ingress.json.Question;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Room;
import io.penstock.ingress.json.Tree;
import io.penstock.ingress.json.Wishes;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/embeddings}: what is to be embedded, and what came of it, go as they are. */
public final class EmbeddingsFace implements Face {
  private static final String INPUT = "input";
  private static final int ENVELOPE = 256;

  @Override
  public Reading<InferenceBody> read(byte[] body, Room room) {
    return switch (Tree.object(body, room)) {
      case Reading.Refused<ObjectNode>(Failure failure) -> new Reading.Refused<>(failure);
      case Reading.Read<ObjectNode>(ObjectNode tree) -> read(tree);
    };
  }

  private static Reading<InferenceBody> read(ObjectNode tree) {
    var faults = new Faults("");
    var request = new Fields(tree, "", faults);
    JsonNode input = request.any(INPUT);
    if (input == null) {
      request.missing(INPUT);
    }
    String model = request.text("model");
    String asides = request.together(List.of("user"));
    String serviceTier = request.text("service_tier");
    var question =
        new Question(
            Dialect.OPENAI,
            Endpoint.EMBEDDINGS,
            model == null ? ModelDirectory.AUTO : model,
            List.of(),
            input == null ? null : Tree.write(input),
            null,
            null,
            OptionFields.with(null, request.rest()),
            asides,
            serviceTier);
    return faults.or(new InferenceBody(question, INPUT, Wishes.NONE, Streaming.NO));
  }

  @Override
  public Written answered(InferenceResponse response) {
    Answer answer = response.getAnswer();
    String payload = answer.getPayload() == null ? "[]" : answer.getPayload();
    byte[] body =
        Json.write(
            ENVELOPE + payload.length(),
            json -> {
              json.writeStartObject();
              json.writeStringField("object", "list");
              json.writeFieldName("data");
              json.writeRawValue(payload);
              json.writeStringField("model", response.getModel());
              if (response.getUsage() != null) {
                long tokens = Tokens.of(response.getUsage()).totalInput();
                json.writeObjectFieldStart("usage");
                json.writeNumberField("prompt_tokens", tokens);
                json.writeNumberField("total_tokens", tokens);
                json.writeEndObject();
              }
              json.writeEndObject();
            });
    return new Written(HttpStatuses.OK, body);
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

  /** Embeddings come in one: nobody can ask for pieces of them. */
  @Override
  public Telling telling(String id, Instant acceptedAt, Streaming wanted) {
    throw new IllegalStateException("embeddings are not told piece by piece");
  }
}
