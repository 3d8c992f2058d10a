package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.client.ClientException;
import io.penstock.client.PenstockClient;
import io.penstock.client.RequestIds;
import io.penstock.client.Submission;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Many requests at once: all are good or none is accepted, and the caller hears when all are
 * durable. Under an idempotency key each of them has the key of its place in the batch, so that a
 * batch can be sent again.
 */
final class BatchHandler {
  private static final Lane USUAL_LANE = Lane.BATCH;
  private static final String PLACE = "/";

  private final PenstockClient client;
  private final Intake intake;
  private final StatusIndex status;
  private final InstantSource clock;
  private final Duration longestWait;

  BatchHandler(
      PenstockClient client,
      Intake intake,
      StatusIndex status,
      InstantSource clock,
      Duration longestWait) {
    this.client = client;
    this.intake = intake;
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
            case Reading.Read<Duration>(var wait) -> read(ctx, caller, key.orElse(null), wait);
          };
    };
  }

  private Reply read(Context ctx, Caller caller, @Nullable String key, Duration wait) {
    return switch (Body.read(ctx.req(), Bodies.LARGEST_BATCH_BYTES)) {
      case Reading.Refused<byte[]>(var failure) -> Reply.failure(failure);
      case Reading.Read<byte[]>(byte[] body) ->
          switch (BatchReader.read(body, ctx.contentType())) {
            case Reading.Refused<List<InferenceBody>>(var failure) -> Reply.failure(failure);
            case Reading.Read<List<InferenceBody>>(var read) -> admit(read, caller, key, wait);
          };
    };
  }

  private Reply admit(
      List<InferenceBody> bodies, Caller caller, @Nullable String key, Duration wait) {
    Instant now = clock.instant();
    var admitted = new ArrayList<Intake.Admitted>(bodies.size());
    for (int i = 0; i < bodies.size(); i++) {
      String itsKey = key == null ? null : key + PLACE + i;
      switch (intake.admit(bodies.get(i), USUAL_LANE, caller, itsKey, now)) {
        case Reading.Read<Intake.Admitted>(var request) -> admitted.add(request);
        case Reading.Refused<Intake.Admitted>(var failure) -> {
          return Reply.failure(at(i, failure));
        }
      }
    }
    try {
      RequestIds ids = client.ids();
      admitted.replaceAll(request -> request.named(ids));
      return wait.isZero() ? publish(admitted) : await(admitted, wait);
    } catch (ClientException e) {
      return Reply.failure(Waits.failure(e));
    }
  }

  private static Failure at(int index, Failure failure) {
    String field = BatchReader.field(index);
    return new Failure(
        failure.getCode(),
        failure.getMessage(),
        failure.getField() == null ? field : field + "." + failure.getField(),
        failure.getRetryable());
  }

  private Reply publish(List<Intake.Admitted> batch) {
    var accepted = new ArrayList<CompletableFuture<Void>>(batch.size());
    for (Intake.Admitted one : batch) {
      accepted.add(client.publish(one.lane(), one.request()));
    }
    var failure = firstFailure(accepted);
    if (failure.isPresent()) {
      return Reply.failure(failure.get());
    }
    return Reply.json(
        HttpStatuses.ACCEPTED,
        ResponseWriter.accepted(batch.stream().map(one -> one.request().getId()).toList()));
  }

  private Reply await(List<Intake.Admitted> batch, Duration wait) {
    long until = System.nanoTime() + wait.toNanos();
    var sent = new ArrayList<Submission>(batch.size());
    try {
      for (Intake.Admitted one : batch) {
        sent.add(client.send(one.lane(), one.request()));
      }
      var failure = firstFailure(sent.stream().map(Submission::accepted).toList());
      return failure.isPresent()
          ? Reply.failure(failure.get())
          : Reply.json(HttpStatuses.OK, ResponseWriter.batch(arrived(sent, until)));
    } finally {
      sent.forEach(one -> one.response().cancel(false));
    }
  }

  private List<Item> arrived(List<Submission> sent, long until) {
    var items = new ArrayList<Item>(sent.size());
    for (Submission one : sent) {
      InferenceResponse response = arrived(one, until);
      if (response != null) {
        status.saw(response);
      }
      items.add(new Item(one.id(), response));
    }
    return items;
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

  /** Waits until all is durable; the producer bounds the time. */
  private static Optional<Failure> firstFailure(List<CompletableFuture<Void>> accepted) {
    for (CompletableFuture<Void> one : accepted) {
      try {
        one.get();
      } catch (ExecutionException e) {
        return Optional.of(Waits.failure(e.getCause()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.of(Reason.UNAVAILABLE.because("interrupted: try again"));
      }
    }
    return Optional.empty();
  }
}
