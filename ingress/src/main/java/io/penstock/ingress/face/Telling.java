package io.penstock.ingress.face;

import io.penstock.policies.stream.Piece;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.util.List;

/**
 * Tells one answer piece by piece, as server-sent events: each method gives the bytes that are to
 * be sent next. After {@link #end} or {@link #failed} there is nothing more to tell. One thread.
 */
public interface Telling {
  /**
   * More of the answer, which a model is still giving or has given.
   *
   * @param model that gives it
   */
  byte[] more(String model, List<Piece> pieces);

  /** The end of an answer that has been told. */
  byte[] end(InferenceResponse response);

  /** The end of an answer that cannot be told, or no further. */
  byte[] failed(Failure failure, String id);

  /** Says nothing, so that nobody on the way takes the connection for dead. */
  byte[] nothing();
}
