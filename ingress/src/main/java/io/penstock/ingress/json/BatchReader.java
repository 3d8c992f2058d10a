package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a batch: one JSON object with the field {@code requests}, or a request on each line. The
 * content type decides; where it says neither, a batch is one object when its first field is {@code
 * requests}. The first bad request spoils the batch. Any thread.
 */
public final class BatchReader {
  private static final String REQUESTS = "requests";
  private static final Set<String> LINES =
      Set.of(
          "application/x-ndjson",
          "application/ndjson",
          "application/jsonl",
          "application/x-jsonl",
          "application/jsonlines",
          "application/x-jsonlines");

  private BatchReader() {}

  public static Reading<List<InferenceBody>> read(
      byte[] document, @Nullable String contentType, Room room) {
    String type = contentType == null ? "" : contentType.split(";", 2)[0].strip();
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "application/json" -> object(document, room);
      case String lines when LINES.contains(lines) -> lines(document, room);
      default -> startsWithRequests(document) ? object(document, room) : lines(document, room);
    };
  }

  /** The field that names the {@code index}-th request of a batch, from 0. */
  public static String field(int index) {
    return REQUESTS + "[" + index + "]";
  }

  private static boolean startsWithRequests(byte[] document) {
    try (JsonParser json = Json.parser(document, 0, document.length)) {
      return json.nextToken() == JsonToken.START_OBJECT && REQUESTS.equals(json.nextFieldName());
    } catch (IOException e) {
      return false; // Whoever reads it as lines says what is wrong.
    }
  }

  private static Reading<List<InferenceBody>> object(byte[] document, Room room) {
    try (JsonParser json = Json.parser(document, 0, document.length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return refused(
            json.currentToken() == null
                ? Reason.MALFORMED_JSON.because("there is no JSON: nothing was sent")
                : Reason.WRONG_TYPE.because("a batch is a JSON object with the field requests"));
      }
      Reading<List<InferenceBody>> requests =
          refused(Reason.MISSING_FIELD.because("a batch has the field requests", REQUESTS));
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String field = json.currentName();
        if (!field.equals(REQUESTS)) {
          return refused(
              Reason.UNKNOWN_FIELD.because(
                  "unknown field \"" + Faults.excerpt(field) + "\"", Faults.excerpt(field)));
        }
        json.nextToken();
        requests = array(json, room);
        if (requests instanceof Reading.Refused) {
          return requests;
        }
      }
      InferenceReader.requireEnd(json);
      return requests;
    } catch (Tree.NoRoomException e) {
      return refused(Tree.noRoom());
    } catch (IOException e) {
      return refused(Json.malformed(e, 1));
    }
  }

  private static Reading<List<InferenceBody>> array(JsonParser json, Room room) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      return refused(Reason.WRONG_TYPE.because("requests must be an array", REQUESTS));
    }
    var batch = new Batch();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        return refused(
            Reason.WRONG_TYPE.because("a request is a JSON object", field(batch.size())));
      }
      var failure = batch.add(new RequestFields(json, field(batch.size()) + ".", room).read());
      if (failure != null) {
        return refused(failure);
      }
    }
    return batch.complete();
  }

  private static Reading<List<InferenceBody>> lines(byte[] document, Room room) {
    var batch = new Batch();
    int line = 1;
    for (int from = 0; from < document.length; line++) {
      int end = endOfLine(document, from);
      if (!blank(document, from, end)) {
        String path = field(batch.size()) + ".";
        var failure = batch.add(InferenceReader.read(document, from, end - from, path, line, room));
        if (failure != null) {
          return refused(failure);
        }
      }
      from = end + 1;
    }
    return batch.complete();
  }

  private static int endOfLine(byte[] document, int from) {
    int end = from;
    while (end < document.length && document[end] != '\n') {
      end++;
    }
    return end;
  }

  private static boolean blank(byte[] document, int from, int end) {
    for (int i = from; i < end; i++) {
      if (document[i] != ' ' && document[i] != '\t' && document[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  private static Reading<List<InferenceBody>> refused(Failure failure) {
    return new Reading.Refused<>(failure);
  }

  /** The requests read so far. */
  private static final class Batch {
    private final List<InferenceBody> requests = new ArrayList<>();

    int size() {
      return requests.size();
    }

    /** What is wrong with the next request or, with it, with the batch; null when all is well. */
    @Nullable Failure add(Reading<InferenceBody> next) {
      return switch (next) {
        case Reading.Refused<InferenceBody>(Failure failure) -> failure;
        case Reading.Read<InferenceBody> _ when size() == Bodies.LARGEST_BATCH ->
            Reason.INVALID_VALUE.because(
                "a batch has at most " + Bodies.LARGEST_BATCH + " requests: split it", REQUESTS);
        case Reading.Read<InferenceBody>(InferenceBody request) -> {
          requests.add(request);
          yield null;
        }
      };
    }

    Reading<List<InferenceBody>> complete() {
      return requests.isEmpty()
          ? refused(Reason.INVALID_VALUE.because("there is no request in the batch", REQUESTS))
          : new Reading.Read<>(requests);
    }
  }
}
