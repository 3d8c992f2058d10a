package io.penstock.ingress;

import io.penstock.policies.stream.Piece;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom an answer is told piece by piece. An {@link IOException} means that nobody is there any
 * more. One thread.
 */
interface Audience {
  /** Who gives an answer; its response, once it is there as a whole. */
  record Source(
      @Nullable String provider, @Nullable String model, @Nullable InferenceResponse response) {
    static Source of(InferenceResponse response) {
      return new Source(response.getProvider(), response.getModel(), response);
    }
  }

  void more(Source source, List<Piece> pieces) throws IOException;

  /** The answer has been told. */
  void end(InferenceResponse response) throws IOException;

  /** It cannot be told, or no further. */
  void failed(Failure failure) throws IOException;

  /** Nothing has come for a while. */
  void nothing() throws IOException;
}
