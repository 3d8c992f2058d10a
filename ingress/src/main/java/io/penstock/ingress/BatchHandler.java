package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.client.ClientException;
import io.penstock.client.PenstockClient;
import io.penstock.client.RequestIds;
import io.penstock.client.Submission;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.BatchReader;
import io.penstock.ingress.json.Bodies;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.ingress.json.ResponseWriter.Item;
import io.penstock.ingress.status.StatusIndex;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Many requests at once. One that is wrong spoils the batch before anything is sent. What is sent
 * is stored one by one: the caller hears, once that is settled, which of them were not. Under an
 * idempotency key each of them has the key of its place in the batch, so that a batch can be sent
 * again.
 */
final class BatchHandler {
  private static final Lane USUAL_LANE = Lane.BATCH;
  private static final String PLACE = "/";
  private static final Failure NOT_STREAMED =
      Reason.INVALID_VALUE.because("what is asked in a batch is not streamed", "stream");

  // A batch that comes faster than the broker takes it is slowed down; beyond this its caller had
  // better know. The last of it may take the delivery timeout longer.
  private static final Duration LONGEST_SENDING = Duration.ofSeconds(20);

  private final PenstockClient client;
  private final Intake intake;
  private final BodyRoom room;
  private final StatusIndex status;
  private final InstantSource clock;
  private final Duration longestWait;

  /** What was sent, and what is not stored of it, by its place. */
  private record Sent(List<Submission> requests, Map<Integer, Failure> failures) {}

  BatchHandler(
      PenstockClient client,
      Intake intake,
      BodyRoom room,
      StatusIndex status,
      InstantSource clock,
      Duration longestWait) {
    this.client = client;
    this.intake = intake;
    this.room = room;
    this.status = status;
    this.clock = clock;
    this.longestWait = longestWait;
  }

  Reply handle(Context ctx, Caller caller) {
    return switch (IdempotencyKey.of(ctx)) {
      case Reading.Refused<Optional<String>>(var failure) -> Reply.failure(failure);
      case Reading.Read<Optional<String>>(var key) ->
          switch (WaitParameter.of(ctx.queryParam(WaitParameter.NAME), longestWait)) {
            case Reading.Refused<Duration>(var failure) -> Reply.failure(failure);
            case Reading.Read<Duration>(var wait) -> handle(ctx, caller, key.orElse(null), wait);
          };
    };
  }

  private Reply handle(Context ctx, Caller caller, @Nullable String key, Duration wait) {
    return switch (takeIn(ctx, caller, key, wait.isPositive())) {
      case Reading.Refused<Sent>(var failure) -> Reply.failure(failure);
      case Reading.Read<Sent>(var sent) -> reply(sent, wait);
    };
  }

  /** Nothing of the body is held when it returns: a caller may wait for long. */
  private Reading<Sent> takeIn(Context ctx, Caller caller, @Nullable String key, boolean waits) {
    try (var share = room.share()) {
      return switch (Body.read(ctx.req(), Bodies.LARGEST_BATCH_BYTES, share)) {
        case Reading.Refused<byte[]>(var failure) -> new Reading.Refused<>(failure);
        case Reading.Read<byte[]>(byte[] body) ->
            switch (BatchReader.read(body, ctx.contentType(), share)) {
              case Reading.Refused<List<InferenceBody>>(var failure) ->
                  new Reading.Refused<>(failure);
              case Reading.Read<List<InferenceBody>>(var read) -> admit(read, caller, key, waits);
            };
      };
    }
  }

  private Reading<Sent> admit(
      List<InferenceBody> bodies, Caller caller, @Nullable String key, boolean waits) {
    Instant now = clock.instant();
    var admitted = new ArrayList<Intake.Admitted>(bodies.size());
    for (int i = 0; i < bodies.size(); i++) {
      String itsKey = key == null ? null : key + PLACE + i;
      if (bodies.get(i).streams()) {
        return new Reading.Refused<>(at(i, NOT_STREAMED));
      }
      switch (intake.admit(bodies.get(i), USUAL_LANE, caller, itsKey, now)) {
        case Reading.Read<Intake.Admitted>(var request) -> admitted.add(request);
        case Reading.Refused<Intake.Admitted>(var failure) -> {
          return new Reading.Refused<>(at(i, failure));
        }
      }
    }
    try {
      RequestIds ids = client.ids();
      admitted.replaceAll(request -> request.named(ids));
    } catch (ClientException e) {
      return new Reading.Refused<>(Waits.failure(e));
    }
    var sent = send(admitted, waits);
    return new Reading.Read<>(new Sent(sent, failures(sent, key != null)));
  }

  private static Failure at(int index, Failure failure) {
    String field = BatchReader.field(index);
    return new Failure(
        failure.getCode(),
        failure.getMessage(),
        failure.getField() == null ? field : field + "." + failure.getField(),
        failure.getRetryable(),
        failure.getRetryAfterMs(),
        failure.getRemainingPicoUsd());
  }

  private List<Submission> send(List<Intake.Admitted> batch, boolean waits) {
    long until = System.nanoTime() + LONGEST_SENDING.toNanos();
    var sent = new ArrayList<Submission>(batch.size());
    for (Intake.Admitted one : batch) {
      var left = Duration.ofNanos(until - System.nanoTime());
      sent.add(
          waits
              ? client.send(one.lane(), one.request(), left)
              : new Submission(
                  one.request().getId(),
                  client.publish(one.lane(), one.request(), left),
                  new CompletableFuture<>())); // nobody waits for it
    }
    return sent;
  }

  /** Waits until each is durable or is not; the producer bounds the time. */
  private static Map<Integer, Failure> failures(List<Submission> sent, boolean underKey) {
    var failures = new TreeMap<Integer, Failure>();
    for (int i = 0; i < sent.size(); i++) {
      Failure failure = failure(sent.get(i).accepted());
      if (failure != null) {
        failures.put(i, at(i, withRemedy(failure, underKey)));
      }
    }
    return failures;
  }

  private static @Nullable Failure failure(CompletableFuture<Void> accepted) {
    try {
      accepted.get();
      return null;
    } catch (ExecutionException e) {
      return Waits.failure(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Reason.UNAVAILABLE.because("interrupted: try again");
    }
  }

  /** A request whose acknowledgement was lost is stored all the same, and would be run twice. */
  private static Failure withRemedy(Failure failure, boolean underKey) {
    return new Failure(
        failure.getCode(),
        failure.getMessage()
            + (underKey
                ? ", the whole batch under the same " + IdempotencyKey.HEADER
                : "; under an " + IdempotencyKey.HEADER + " a batch can be sent again as it is")
            + ", and nothing is run twice",
        failure.getField(),
        failure.getRetryable(),
        failure.getRetryAfterMs(),
        failure.getRemainingPicoUsd());
  }

  private Reply reply(Sent sent, Duration wait) {
    var requests = sent.requests();
    try {
      if (sent.failures().size() == requests.size()) {
        return Reply.failure(sent.failures().values().iterator().next());
      }
      var items = items(sent, wait);
      return wait.isZero()
          ? Reply.json(HttpStatuses.ACCEPTED, ResponseWriter.accepted(items))
          : Reply.json(HttpStatuses.OK, ResponseWriter.batch(items));
    } finally {
      requests.forEach(one -> one.response().cancel(false));
    }
  }

  private List<Item> items(Sent sent, Duration wait) {
    long until = System.nanoTime() + wait.toNanos();
    var items = new ArrayList<Item>(sent.requests().size());
    for (int i = 0; i < sent.requests().size(); i++) {
      Submission one = sent.requests().get(i);
      Failure failure = sent.failures().get(i);
      if (failure != null) {
        items.add(new Item.NotAccepted(i, failure));
      } else {
        items.add(wait.isZero() ? new Item.Accepted(one.id()) : known(one, until));
      }
    }
    return items;
  }

  private Item known(Submission one, long until) {
    InferenceResponse response = arrived(one, until);
    if (response == null) {
      return new Item.Accepted(one.id());
    }
    status.saw(response);
    return new Item.Ended(response);
  }

  private static @Nullable InferenceResponse arrived(Submission one, long until) {
    try {
      return one.response().get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (ExecutionException e) {
      return null; // We are going down; the request, which is durable, is not.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
