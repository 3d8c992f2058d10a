package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.client.ClientException;
import io.penstock.client.PenstockClient;
import io.penstock.client.Submission;
import io.penstock.ingress.json.Bodies;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.InferenceReader;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.status.StatusIndex;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request, and its answer if it comes in time. */
final class InferenceHandler {
  private static final Lane USUAL_LANE = Lane.STANDARD;

  private final PenstockClient client;
  private final Intake intake;
  private final BodyRoom room;
  private final Claims claims;
  private final Waits waits;
  private final StatusIndex status;
  private final Timings timings;
  private final InstantSource clock;
  private final Duration longestWait;

  InferenceHandler(
      PenstockClient client,
      Intake intake,
      BodyRoom room,
      StatusIndex status,
      Waits waits,
      Timings timings,
      InstantSource clock,
      Duration longestWait) {
    this.client = client;
    this.intake = intake;
    this.room = room;
    this.claims = new Claims(client, status);
    this.waits = waits;
    this.status = status;
    this.timings = timings;
    this.clock = clock;
    this.longestWait = longestWait;
  }

  /** A request on its way, and until when its caller waits. */
  private record Sent(Submission submission, long until) {}

  Reply handle(Context ctx, Caller caller) {
    long begun = System.nanoTime();
    return switch (IdempotencyKey.of(ctx)) {
      case Reading.Refused<Optional<String>>(var failure) -> Reply.failure(failure);
      case Reading.Read<Optional<String>>(var key) ->
          switch (takeIn(ctx, caller, key.orElse(null))) {
            case Reading.Refused<Sent>(var failure) -> Reply.failure(failure);
            case Reading.Read<Sent>(var sent) -> reply(sent, begun);
          };
    };
  }

  /** Nothing of the body is held when it returns: a caller may wait for long. */
  private Reading<Sent> takeIn(Context ctx, Caller caller, @Nullable String key) {
    try (var share = room.share()) {
      return switch (Body.read(ctx.req(), Bodies.LARGEST_INFERENCE_BYTES, share)) {
        case Reading.Refused<byte[]>(var failure) -> new Reading.Refused<>(failure);
        case Reading.Read<byte[]>(byte[] body) ->
            switch (InferenceReader.read(body)) {
              case Reading.Refused<InferenceBody>(var failure) -> new Reading.Refused<>(failure);
              case Reading.Read<InferenceBody>(var read) -> admit(read, caller, key);
            };
      };
    }
  }

  private Reading<Sent> admit(InferenceBody body, Caller caller, @Nullable String key) {
    Instant now = clock.instant();
    return switch (intake.admit(body, USUAL_LANE, caller, key, now)) {
      case Reading.Refused<Intake.Admitted>(var failure) -> new Reading.Refused<>(failure);
      case Reading.Read<Intake.Admitted>(var admitted) -> send(admitted, patience(admitted, now));
    };
  }

  private Duration patience(Intake.Admitted admitted, Instant now) {
    var allowed = Duration.between(now, admitted.request().getDeadlineAt());
    return allowed.compareTo(longestWait) < 0 ? allowed : longestWait;
  }

  private Reading<Sent> send(Intake.Admitted admitted, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    Intake.Admitted named;
    try {
      named = admitted.named(client.ids(patience));
    } catch (ClientException e) {
      return new Reading.Refused<>(Waits.failure(e));
    }
    return switch (send(named.lane(), named.request(), until)) {
      case Reading.Refused<Submission>(var failure) -> new Reading.Refused<>(failure);
      case Reading.Read<Submission>(var submission) ->
          new Reading.Read<>(new Sent(submission, until));
    };
  }

  private Reading<Submission> send(Lane lane, InferenceRequest request, long until) {
    return request.getIdempotencyKey() == null
        ? new Reading.Read<>(client.send(lane, request))
        : claims.send(lane, request, Duration.ofNanos(until - System.nanoTime()));
  }

  private Reply reply(Sent sent, long begun) {
    return switch (waits.await(sent.submission(), sent.until())) {
      case Waits.End.NotAccepted(var failure) -> Reply.failure(failure);
      case Waits.End.Later() -> Reply.accepted(sent.submission().id());
      case Waits.End.Response(InferenceResponse response) -> {
        status.saw(response);
        timings.waited(response, System.nanoTime() - begun);
        yield Reply.to(response);
      }
    };
  }
}
