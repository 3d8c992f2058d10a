package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.batches.Batch;
import io.penstock.ingress.batches.BatchDesk;
import io.penstock.ingress.batches.BatchIds;
import io.penstock.ingress.batches.BatchWish;
import io.penstock.ingress.batches.BatchWriter;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.Reading;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.BatchCancelled;
import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.StoredFile;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** OpenAI's {@code /v1/batches}. Whoever runs a batch, any instance can tell how it stands. */
record BatchesHandler(BatchDesk desk) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int LARGEST_BODY = 64 * 1024;
  private static final int USUALLY_LISTED = 20;
  private static final int MOST_LISTED = 100;
  private static final Reply NOT_YET =
      FilesHandler.refused(
          Reason.UNAVAILABLE.because("this instance is still reading the log: try again"));

  Reply create(Context ctx, Caller caller) {
    try (var share = desk.rooms().get()) {
      return switch (Body.read(ctx.req(), LARGEST_BODY, share)) {
        case Reading.Refused<byte[]>(Failure failure) -> FilesHandler.refused(failure);
        case Reading.Read<byte[]>(byte[] body) ->
            switch (BatchWish.read(body, share, new TreeSet<>(desk.faces().keySet()))) {
              case Reading.Refused<BatchWish>(Failure failure) -> FilesHandler.refused(failure);
              case Reading.Read<BatchWish> _ when !read() -> NOT_YET;
              case Reading.Read<BatchWish>(BatchWish wish) -> create(wish, caller);
            };
      };
    }
  }

  /** A batch is of its caller's own files, whatever else it may see. */
  private Reply create(BatchWish wish, Caller caller) {
    Optional<StoredFile> input =
        desk.view().file(wish.inputFile()).filter(file -> file.getTenant().equals(caller.tenant()));
    if (input.isEmpty()) {
      return FilesHandler.refused(
          Reason.NOT_FOUND.because("No such File object: " + wish.inputFile(), "input_file_id"));
    }
    if (!input.get().getPurpose().equals("batch")) {
      return FilesHandler.refused(
          Reason.INVALID_VALUE.because(
              "the file must have the purpose batch; it has " + input.get().getPurpose(),
              "input_file_id"));
    }
    var order = order(wish, caller, input.get());
    return FilesHandler.known(desk.records().ordered(order))
        .orElseGet(
            () -> Reply.json(HttpStatuses.OK, BatchWriter.one(new Batch(order, null, null))));
  }

  private BatchOrder order(BatchWish wish, Caller caller, StoredFile input) {
    // As the log keeps it: every instance must make the same requests of it.
    Instant now = desk.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    Duration kept = wish.outputKept();
    return new BatchOrder(
        BatchIds.batch(),
        caller.tenant(),
        caller.keyId(),
        wish.endpoint(),
        input,
        wish.window(),
        wish.metadata(),
        now,
        now.plus(wish.allowed()),
        kept == null ? null : kept.toMillis());
  }

  Reply list(Context ctx, Caller caller) {
    return switch (Pages.of(ctx, USUALLY_LISTED, MOST_LISTED)) {
      case Reading.Refused<Pages>(Failure failure) -> FilesHandler.refused(failure);
      case Reading.Read<Pages> _ when !read() -> NOT_YET;
      case Reading.Read<Pages>(Pages pages) -> {
        var page =
            pages.of(
                desk.view().batches(batch -> caller.maySee(batch.order().getTenant())),
                batch -> batch.order().getId());
        yield Reply.json(HttpStatuses.OK, BatchWriter.list(page.items(), page.more()));
      }
    };
  }

  Reply one(Context ctx, Caller caller) {
    if (!read()) {
      return NOT_YET;
    }
    Batch batch = find(ctx, caller);
    return batch == null ? unknown(ctx) : Reply.json(HttpStatuses.OK, BatchWriter.one(batch));
  }

  Reply cancel(Context ctx, Caller caller) {
    if (!read()) {
      return NOT_YET;
    }
    Batch batch = find(ctx, caller);
    if (batch == null) {
      return unknown(ctx);
    }
    if (batch.over()) {
      return FilesHandler.refused(
          Reason.INVALID_VALUE.because(
              "Cannot cancel a batch with status '" + batch.status() + "'.", "batch_id"));
    }
    Instant at = batch.cancelledAt() == null ? desk.clock().instant() : batch.cancelledAt();
    return FilesHandler.known(
            desk.records().cancelled(new BatchCancelled(batch.order().getId(), at)))
        .orElseGet(() ->
            Reply.json(
                HttpStatuses.OK, BatchWriter.one(new Batch(batch.order(), batch.progress(), at))));
  }

  private @Nullable Batch find(Context ctx, Caller caller) {
    return desk.view()
        .batch(ctx.pathParam("id"))
        .filter(batch -> caller.maySee(batch.order().getTenant()))
        .orElse(null);
  }

  private boolean read() {
    return desk.view().caughtUp() && desk.view().catchUp(PATIENCE);
  }

  private static Reply unknown(Context ctx) {
    return FilesHandler.refused(
        Reason.NOT_FOUND.because(
            "No batch found with id '" + ctx.pathParam("id") + "'.", "batch_id"));
  }
}
