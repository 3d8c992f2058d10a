package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the body of one inference request. Any thread. */
public final class InferenceReader {
  private InferenceReader() {}

  public static Reading<InferenceBody> read(byte[] document, Room room) {
    return read(document, 0, document.length, "", 1, room);
  }

  /**
   * Reads a document that is one request and nothing else.
   *
   * @param path what to put before the names of fields
   * @param line of the caller's document in which this one begins, from 1
   */
  static Reading<InferenceBody> read(
      byte[] document, int from, int length, String path, int line, Room room) {
    try (JsonParser json = Json.parser(document, from, length)) {
      JsonToken first = json.nextToken();
      if (first == null) {
        return refused(
            Reason.MALFORMED_JSON.because("there is no JSON: nothing was sent", at(path)));
      }
      if (first != JsonToken.START_OBJECT) {
        json.skipChildren();
        requireEnd(json);
        return refused(Reason.WRONG_TYPE.because("a request is a JSON object", at(path)));
      }
      var request = new RequestFields(json, path, room).read();
      requireEnd(json);
      return request;
    } catch (Tree.NoRoomException e) {
      return refused(Tree.noRoom());
    } catch (IOException e) {
      return refused(Json.malformed(e, line));
    }
  }

  static void requireEnd(JsonParser json) throws IOException {
    if (json.nextToken() != null) {
      throw new JsonParseException(json, "there is something after the end of the document");
    }
  }

  private static @Nullable String at(String path) {
    return path.isEmpty() ? null : path.substring(0, path.length() - 1);
  }

  private static Reading<InferenceBody> refused(Failure failure) {
    return new Reading.Refused<>(failure);
  }
}
