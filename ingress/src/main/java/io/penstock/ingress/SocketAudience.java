package io.penstock.ingress;

import io.penstock.ingress.own.OwnMessages;
import io.penstock.policies.Reason;
import io.penstock.policies.stream.Piece;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A caller at the other end of a WebSocket, as far as one of its requests goes.
 *
 * @param ending what is done just before it is told the end: it may ask again as soon as it knows
 */
record SocketAudience(
    String ref, String id, Outbox outbox, BooleanSupplier cancelled, Runnable ending)
    implements Audience {

  @Override
  public void more(Source source, List<Piece> pieces) throws IOException {
    for (Piece piece : pieces) {
      outbox.send(OwnMessages.delta(ref, piece));
    }
  }

  @Override
  public void end(InferenceResponse response) throws IOException {
    outbox.send(OwnMessages.done(ref, response), ending);
  }

  @Override
  public void failed(Failure failure) throws IOException {
    Failure reason =
        cancelled.getAsBoolean() ? Reason.WITHDRAWN.because("cancelled, as you asked") : failure;
    outbox.send(OwnMessages.error(ref, reason, id), ending);
  }

  @Override
  public void nothing() throws IOException {
    outbox.ping();
  }
}
