package io.penstock.ingress;

import static io.penstock.ingress.Sending.Retractable.ON_DISCONNECT;

import io.javalin.http.Context;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.Bodies;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Wishes;
import io.penstock.ingress.status.StatusIndex;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request in the words of one API, and its answer if it comes in time. */
final class InferenceHandler {
  private static final Lane USUAL_LANE = Lane.STANDARD;

  private final Face face;
  private final Desk desk;

  /** What the handlers of all APIs share. */
  record Desk(
      Intake intake,
      BodyRoom room,
      Sending sending,
      Waits waits,
      StatusIndex status,
      Timings timings,
      InstantSource clock,
      Duration pulse) {}

  InferenceHandler(Face face, Desk desk) {
    this.face = face;
    this.desk = desk;
  }

  /**
   * What was taken in and sent.
   *
   * @param feed of an answer that is wanted piece by piece
   */
  private record Taken(Sending.Sent sent, InferenceBody.Streaming streaming, @Nullable Feed feed) {}

  Outcome handle(Context ctx, Caller caller) {
    long begun = System.nanoTime();
    return switch (IdempotencyKey.of(ctx)) {
      case Reading.Refused<Optional<String>>(Failure failure) -> Reply.failure(failure, face);
      case Reading.Read<Optional<String>>(var key) ->
          switch (WishHeaders.of(ctx.headerMap())) {
            case Reading.Refused<Wishes>(Failure failure) -> Reply.failure(failure, face);
            case Reading.Read<Wishes>(Wishes beside) ->
                switch (takeIn(ctx, caller, key.orElse(null), beside)) {
                  case Reading.Refused<Taken>(Failure failure) -> Reply.failure(failure, face);
                  case Reading.Read<Taken>(Taken taken) -> answer(ctx, taken, begun);
                };
          };
    };
  }

  /** Nothing of the body is held when it returns: a caller may wait for long. */
  private Reading<Taken> takeIn(Context ctx, Caller caller, @Nullable String key, Wishes beside) {
    try (var share = desk.room().share()) {
      return switch (Body.read(ctx.req(), Bodies.LARGEST_INFERENCE_BYTES, share)) {
        case Reading.Refused<byte[]>(Failure failure) -> new Reading.Refused<>(failure);
        case Reading.Read<byte[]>(byte[] body) ->
            switch (face.read(body, share)) {
              case Reading.Refused<InferenceBody>(Failure failure) ->
                  new Reading.Refused<>(failure);
              case Reading.Read<InferenceBody>(InferenceBody read) ->
                  admit(asked(ctx, read).with(beside), caller, key);
            };
      };
    }
  }

  private InferenceBody asked(Context ctx, InferenceBody body) {
    boolean streamed = face.streamsOnQuery() && "true".equals(ctx.queryParam("stream"));
    return streamed ? body.streamed() : body;
  }

  private Reading<Taken> admit(InferenceBody body, Caller caller, @Nullable String key) {
    Instant now = desk.clock().instant();
    Feed feed = body.streams() ? new Feed() : null;
    return switch (desk.intake().admit(body, USUAL_LANE, caller, key, now)) {
      case Reading.Refused<Intake.Admitted>(Failure failure) -> new Reading.Refused<>(failure);
      case Reading.Read<Intake.Admitted>(Intake.Admitted admitted) ->
          switch (desk.sending().send(admitted, ON_DISCONNECT, now, feed)) {
            case Reading.Refused<Sending.Sent>(Failure failure) -> new Reading.Refused<>(failure);
            case Reading.Read<Sending.Sent>(Sending.Sent sent) ->
                new Reading.Read<>(new Taken(sent, body.streaming(), feed));
          };
    };
  }

  private Outcome answer(Context ctx, Taken taken, long begun) {
    Sending.Sent sent = taken.sent();
    try (var departure = departure(ctx, sent)) {
      Feed feed = taken.feed();
      Outcome outcome = feed == null ? reply(sent, begun) : tell(ctx, taken, feed, begun);
      return departure != null && departure.gone() && outcome instanceof Reply
          ? Reply.failure(Reason.WITHDRAWN.because("the caller left"), face)
          : outcome;
    }
  }

  /** Those who leave are only looked out for where it makes a difference. */
  private @Nullable Departure departure(Context ctx, Sending.Sent sent) {
    return desk.sending().withdrawsOnDisconnect(sent)
        ? Departure.watch(ctx.req(), () -> desk.sending().left(sent))
        : null;
  }

  private Reply reply(Sending.Sent sent, long begun) {
    return switch (desk.waits().await(sent.submission(), sent.until())) {
      case Waits.End.NotAccepted(Failure failure) -> Reply.failure(failure, face);
      case Waits.End.Later() -> later(sent);
      case Waits.End.Response(InferenceResponse response) -> {
        saw(response, begun);
        yield Reply.to(response, face);
      }
    };
  }

  /** The wait is over, or we are. */
  private Reply later(Sending.Sent sent) {
    String id = sent.id();
    return face.wantsAnAnswer() && System.nanoTime() - sent.until() < 0
        ? Reply.failure(Face.stopping(id), id, face)
        : Reply.later(id, face);
  }

  private Outcome tell(Context ctx, Taken taken, Feed feed, long begun) {
    Sending.Sent sent = taken.sent();
    var telling = face.telling(sent.id(), sent.acceptedAt(), taken.streaming());
    var audience = new SseAudience(ctx, face, telling, sent.id());
    try {
      new Narrator(sent, feed, audience, desk.pulse())
          .tell()
          .ifPresent(response -> saw(response, begun));
      return audience.outcome();
    } catch (IOException e) {
      desk.sending().left(sent);
      return new Outcome.Told(HttpStatuses.LEFT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      desk.sending().left(sent);
      return new Outcome.Told(HttpStatuses.LEFT);
    }
  }

  private void saw(InferenceResponse response, long begun) {
    desk.status().saw(response);
    desk.timings().waited(response, System.nanoTime() - begun);
  }
}
