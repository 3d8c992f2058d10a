package io.penstock.ingress.own;

import io.penstock.ingress.face.Events;
import io.penstock.ingress.face.Telling;
import io.penstock.ingress.json.Json;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.policies.stream.Piece;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.util.List;
import java.util.Locale;

/**
 * Our own events: {@code delta} for each piece, {@code done} with the whole response, {@code
 * error}.
 */
final class OwnTelling implements Telling {
  private static final int SMALL = 128;

  @Override
  public byte[] more(String model, List<Piece> pieces) {
    var events = new Events();
    pieces.forEach(piece -> events.add("delta", json(piece)));
    return events.toBytes();
  }

  /** One piece, as one JSON object. */
  static byte[] json(Piece piece) {
    return Json.write(
        SMALL,
        json -> {
          json.writeStartObject();
          json.writeNumberField("choice", piece.choice());
          json.writeNumberField("part", piece.part());
          switch (piece) {
            case Piece.More(Delta delta) -> {
              json.writeStringField("kind", delta.getKind().name().toLowerCase(Locale.ROOT));
              json.writeStringField("text", delta.getText());
              if (delta.getId() != null) {
                json.writeStringField("id", delta.getId());
              }
              if (delta.getName() != null) {
                json.writeStringField("name", delta.getName());
              }
            }
            case Piece.Whole whole -> {
              json.writeStringField("kind", "raw");
              json.writeFieldName("raw");
              json.writeRawValue(Json.oneLine(whole.raw().getJson()));
            }
          }
          json.writeEndObject();
        });
  }

  @Override
  public byte[] end(InferenceResponse response) {
    return new Events().add("done", ResponseWriter.answered(response)).toBytes();
  }

  @Override
  public byte[] failed(Failure failure, String id) {
    return new Events().add("error", ResponseWriter.failed(failure, id)).toBytes();
  }

  @Override
  public byte[] nothing() {
    return Events.NOTHING;
  }
}
