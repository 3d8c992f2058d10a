package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.client.ClientException;
import io.penstock.client.PenstockClient;
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
  private final Claims claims;
  private final StatusIndex status;
  private final Timings timings;
  private final InstantSource clock;
  private final Duration longestWait;

  InferenceHandler(
      PenstockClient client,
      Intake intake,
      StatusIndex status,
      Timings timings,
      InstantSource clock,
      Duration longestWait) {
    this.client = client;
    this.intake = intake;
    this.claims = new Claims(client, status);
    this.status = status;
    this.timings = timings;
    this.clock = clock;
    this.longestWait = longestWait;
  }

  Reply handle(Context ctx, Caller caller) {
    return switch (IdempotencyKey.of(ctx)) {
      case Reading.Refused<Optional<String>>(var failure) -> Reply.failure(failure);
      case Reading.Read<Optional<String>>(var key) -> read(ctx, caller, key.orElse(null));
    };
  }

  private Reply read(Context ctx, Caller caller, @Nullable String key) {
    long begun = System.nanoTime();
    return switch (Body.read(ctx.req(), Bodies.LARGEST_INFERENCE_BYTES)) {
      case Reading.Refused<byte[]>(var failure) -> Reply.failure(failure);
      case Reading.Read<byte[]>(byte[] body) ->
          switch (InferenceReader.read(body)) {
            case Reading.Refused<InferenceBody>(var failure) -> Reply.failure(failure);
            case Reading.Read<InferenceBody>(var read) -> admit(read, caller, key, begun);
          };
    };
  }

  private Reply admit(InferenceBody body, Caller caller, @Nullable String key, long begun) {
    Instant now = clock.instant();
    return switch (intake.admit(body, USUAL_LANE, caller, key, now)) {
      case Reading.Refused<Intake.Admitted>(var failure) -> Reply.failure(failure);
      case Reading.Read<Intake.Admitted>(var admitted) ->
          submit(admitted, patience(admitted, now), begun);
    };
  }

  private Duration patience(Intake.Admitted admitted, Instant now) {
    var allowed = Duration.between(now, admitted.request().getDeadlineAt());
    return allowed.compareTo(longestWait) < 0 ? allowed : longestWait;
  }

  private Reply submit(Intake.Admitted admitted, Duration patience, long begun) {
    Intake.Admitted named;
    try {
      named = admitted.named(client.ids(patience));
    } catch (ClientException e) {
      return Reply.failure(Waits.failure(e));
    }
    return switch (await(named.lane(), named.request(), patience)) {
      case Waits.End.NotAccepted(var failure) -> Reply.failure(failure);
      case Waits.End.Later() -> Reply.accepted(named.request().getId());
      case Waits.End.Response(InferenceResponse response) -> {
        status.saw(response);
        timings.waited(response, System.nanoTime() - begun);
        yield Reply.to(response);
      }
    };
  }

  private Waits.End await(Lane lane, InferenceRequest request, Duration patience) {
    return request.getIdempotencyKey() == null
        ? Waits.await(client.send(lane, request), patience)
        : claims.await(lane, request, patience);
  }
}
