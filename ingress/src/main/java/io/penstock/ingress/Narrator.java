package io.penstock.ingress;

import io.penstock.ingress.face.Face;
import io.penstock.policies.Reason;
import io.penstock.policies.stream.Piece;
import io.penstock.policies.stream.Remainder;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.ResponseChunk;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Tells one answer as it comes: the pieces that a worker sends, and, when the response is there,
 * whatever is missing. One thread.
 */
final class Narrator {
  private final Sending.Sent sent;
  private final Feed feed;
  private final Audience audience;
  private final Duration pulse;
  private final Remainder remainder = new Remainder();

  /**
   * @param pulse after how long without anything the audience is told nothing
   */
  Narrator(Sending.Sent sent, Feed feed, Audience audience, Duration pulse) {
    this.sent = sent;
    this.feed = feed;
    this.audience = audience;
    this.pulse = pulse;
  }

  /**
   * Tells all of it, on the caller's thread.
   *
   * @return the response, if there was one
   * @throws IOException when nobody is there any more
   */
  Optional<InferenceResponse> tell() throws IOException, InterruptedException {
    while (true) {
      switch (feed.next(pulse)) {
        case Feed.Event.Nothing() -> audience.nothing();
        case Feed.Event.Chunk(ResponseChunk chunk) -> {
          var pieces = chunk.getDeltas().stream().<Piece>map(Piece.More::new).toList();
          tell(new Audience.Source(chunk.getProvider(), chunk.getModel(), null), pieces);
        }
        case Feed.Event.Ended(Waits.End.Response(InferenceResponse response)) -> {
          end(response);
          return Optional.of(response);
        }
        case Feed.Event.Ended(Waits.End.NotAccepted(Failure failure)) -> {
          audience.failed(failure);
          return Optional.empty();
        }
        case Feed.Event.Ended(Waits.End.Later()) -> {
          audience.failed(later());
          return Optional.empty();
        }
      }
    }
  }

  private void tell(Audience.Source source, List<Piece> pieces) throws IOException {
    pieces.forEach(remainder::gave);
    audience.more(source, pieces);
  }

  private void end(InferenceResponse response) throws IOException {
    if (response.getFailure() != null) {
      audience.failed(response.getFailure());
      return;
    }
    switch (remainder.of(response.getAnswer())) {
      case Remainder.Rest.Missing(List<Piece> pieces) -> {
        if (!pieces.isEmpty()) {
          audience.more(Audience.Source.of(response), pieces);
        }
        audience.end(response);
      }
      case Remainder.Rest.OfAnother() ->
          audience.failed(
              Reason.ANSWER_TRUNCATED.because(
                  "the answer that had begun was given up, and another was given: see "
                      + "/v1/requests/"
                      + response.getId()));
    }
  }

  /** The wait is over, or we are. */
  private Failure later() {
    return System.nanoTime() - sent.until() < 0
        ? Face.stopping(sent.id())
        : Face.unanswered(sent.id());
  }
}
