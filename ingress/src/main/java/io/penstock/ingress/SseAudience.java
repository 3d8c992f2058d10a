package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.face.Telling;
import io.penstock.policies.stream.Piece;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A caller that reads server-sent events. Each is written at once. As long as nothing is written, a
 * failure is a plain reply with a status of its own.
 */
final class SseAudience implements Audience {
  private final Context ctx;
  private final Face face;
  private final Telling telling;
  private final String id;
  private @Nullable OutputStream out;
  private @Nullable Reply refusal;

  SseAudience(Context ctx, Face face, Telling telling, String id) {
    this.ctx = ctx;
    this.face = face;
    this.telling = telling;
    this.id = id;
  }

  @Override
  public void more(Source source, List<Piece> pieces) throws IOException {
    write(source, telling.more(source.model() == null ? "" : source.model(), pieces));
  }

  @Override
  public void end(InferenceResponse response) throws IOException {
    write(Source.of(response), telling.end(response));
  }

  @Override
  public void failed(Failure failure) throws IOException {
    if (out == null) {
      refusal = Reply.failure(failure, id, face);
    } else {
      write(out, telling.failed(failure, id));
    }
  }

  @Override
  public void nothing() throws IOException {
    write(new Source(null, null, null), telling.nothing());
  }

  private void write(Source source, byte[] bytes) throws IOException {
    write(out == null ? begin(source) : out, bytes);
  }

  private static void write(OutputStream out, byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  private OutputStream begin(Source source) throws IOException {
    ctx.status(HttpStatuses.OK);
    ctx.contentType("text/event-stream");
    ctx.header("Cache-Control", "no-cache");
    ctx.header("X-Accel-Buffering", "no"); // nginx would gather the pieces
    InferenceResponse response = source.response();
    var headers = response == null ? ReplyHeaders.of(id, face) : ReplyHeaders.of(response, face);
    if (response == null) {
      headers.addAll(ReplyHeaders.source(source.provider(), source.model()));
    }
    headers.forEach(header -> ctx.header(header.name(), header.value()));
    out = ctx.res().getOutputStream();
    return out;
  }

  /** What is still to be sent: a refusal, if nothing has been. */
  Outcome outcome() {
    return refusal == null ? new Outcome.Told(HttpStatuses.OK) : refusal;
  }
}
