package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The one JSON factory, and what is the same for every document. Any thread. */
public final class Json {
  private static final int DEEPEST = 100;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          // By default buffers are kept per thread, and every request has a thread of its own.
          .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxStringLength(Bodies.LARGEST_BATCH_BYTES)
                  .build())
          .build();

  private Json() {}

  static JsonParser parser(byte[] document, int from, int length) throws IOException {
    return FACTORY.createParser(document, from, length);
  }

  /** Something that writes one document. */
  public interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  public static byte[] write(int expectedBytes, Writing writing) {
    var bytes = new ByteArrayOutputStream(expectedBytes);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      writing.to(json);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The same JSON without line breaks: between its parts they are white space, in texts escaped.
   */
  public static String oneLine(String json) {
    return json.indexOf('\n') < 0 && json.indexOf('\r') < 0
        ? json
        : json.replace('\n', ' ').replace('\r', ' ');
  }

  /**
   * @param line of the caller's document in which what was parsed begins, from 1
   */
  static Failure malformed(IOException e, int line) {
    if (e instanceof JsonProcessingException at && at.getLocation() != null) {
      return Reason.MALFORMED_JSON.because(
          "not JSON at line %d, column %d: %s"
              .formatted(
                  at.getLocation().getLineNr() + line - 1,
                  at.getLocation().getColumnNr(),
                  at.getOriginalMessage()));
    }
    return Reason.MALFORMED_JSON.because("not JSON in UTF-8: " + e.getMessage());
  }
}
