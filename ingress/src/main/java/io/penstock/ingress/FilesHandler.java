package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.batches.BatchIds;
import io.penstock.ingress.batches.BatchRecords;
import io.penstock.ingress.batches.BatchView;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.files.FileException;
import io.penstock.ingress.files.FileLog;
import io.penstock.ingress.files.FileReading;
import io.penstock.ingress.files.FileWriter;
import io.penstock.ingress.files.FileWriting;
import io.penstock.ingress.json.Reading;
import io.penstock.policies.Reason;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FileDeleted;
import io.penstock.schemas.avro.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** OpenAI's {@code /v1/files}: what batches are made of, and what comes of them. */
final class FilesHandler {
  private static final Logger LOG = LoggerFactory.getLogger(FilesHandler.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int MOST_LISTED = 10_000;
  private static final Reply NOT_YET =
      refused(Reason.UNAVAILABLE.because("this instance is still reading the log: try again"));

  private final FileLog log;
  private final BatchRecords records;
  private final BatchView view;
  private final Uploads uploads;
  private final InstantSource clock;

  FilesHandler(
      FileLog log, BatchRecords records, BatchView view, Uploads uploads, InstantSource clock) {
    this.log = log;
    this.records = records;
    this.view = view;
    this.uploads = uploads;
    this.clock = clock;
  }

  Reply upload(Context ctx, Caller caller) {
    return switch (uploads.of(ctx.req())) {
      case Reading.Refused<Uploads.Upload>(Failure failure) -> refused(failure);
      case Reading.Read<Uploads.Upload>(Uploads.Upload upload) -> {
        try (upload) {
          StoredFile file = store(upload, caller);
          yield known(records.stored(file))
              .orElseGet(() -> Reply.json(HttpStatuses.OK, FileWriter.one(file)));
        } catch (FileException | IOException e) {
          LOG.warn("a file could not be stored: {}", e.toString());
          yield refused(notStored());
        }
      }
    };
  }

  private StoredFile store(Uploads.Upload upload, Caller caller) throws IOException {
    FileWriting writing = log.write(BatchIds.file());
    try (InputStream in = upload.content()) {
      in.transferTo(writing);
    }
    Instant now = clock.instant();
    return writing
        .end()
        .file(
            caller.tenant(),
            upload.filename(),
            upload.purpose(),
            now,
            now.plus(upload.kept().orElse(Topics.FILES_KEPT)));
  }

  Reply list(Context ctx, Caller caller) {
    return switch (Pages.of(ctx, MOST_LISTED, MOST_LISTED)) {
      case Reading.Refused<Pages>(Failure failure) -> refused(failure);
      case Reading.Read<Pages> _ when !read() -> NOT_YET;
      case Reading.Read<Pages>(Pages pages) -> {
        String purpose = ctx.queryParam("purpose");
        var page =
            pages.of(
                view.files(file ->
                    caller.maySee(file.getTenant())
                        && (purpose == null || purpose.equals(file.getPurpose()))),
                StoredFile::getId);
        yield Reply.json(HttpStatuses.OK, FileWriter.list(page.items(), page.more()));
      }
    };
  }

  Reply one(Context ctx, Caller caller) {
    if (!read()) {
      return NOT_YET;
    }
    return find(ctx, caller)
        .map(file -> Reply.json(HttpStatuses.OK, FileWriter.one(file)))
        .orElseGet(() -> unknown(ctx));
  }

  Reply delete(Context ctx, Caller caller) {
    if (!read()) {
      return NOT_YET;
    }
    return find(ctx, caller)
        .map(file ->
            known(records.deleted(new FileDeleted(file.getId(), clock.instant())))
                .orElseGet(() -> Reply.json(HttpStatuses.OK, FileWriter.deleted(file.getId()))))
        .orElseGet(() -> unknown(ctx));
  }

  Outcome content(Context ctx, Caller caller) {
    if (!read()) {
      return NOT_YET;
    }
    Optional<StoredFile> found = find(ctx, caller);
    return found.isEmpty() ? unknown(ctx) : content(ctx, found.get());
  }

  /** What cannot be read at all is told so; a caller with a part of it sees that there is more. */
  private Outcome content(Context ctx, StoredFile file) {
    try (FileReading reading = log.read(file)) {
      byte[] chunk = reading.next();
      ctx.status(HttpStatuses.OK);
      ctx.contentType("application/octet-stream");
      ctx.res().setContentLengthLong(file.getBytes());
      return tell(ctx, reading, chunk == null ? new byte[0] : chunk);
    } catch (FileException.Gone e) {
      return refused(Reason.NOT_FOUND.because("the log no longer has all of this file", "id"));
    } catch (FileException e) {
      return refused(Reason.UNAVAILABLE.because(e.getMessage() + ": try again"));
    }
  }

  private static Outcome tell(Context ctx, FileReading reading, byte[] first) {
    try {
      OutputStream out = ctx.res().getOutputStream();
      for (byte[] chunk = first; chunk != null; chunk = reading.next()) {
        out.write(chunk);
      }
      return new Outcome.Told(HttpStatuses.OK);
    } catch (FileException e) {
      LOG.warn("a file was told in part only: {}", e.toString());
      return new Outcome.Told(HttpStatuses.UNAVAILABLE);
    } catch (IOException e) {
      return new Outcome.Told(HttpStatuses.LEFT);
    }
  }

  private Optional<StoredFile> find(Context ctx, Caller caller) {
    return view.file(ctx.pathParam("id")).filter(file -> caller.maySee(file.getTenant()));
  }

  /** Once for each call: what another instance has told is found here as well. */
  private boolean read() {
    return view.caughtUp() && view.catchUp(PATIENCE);
  }

  /** Empty once it is durable. */
  static Optional<Reply> known(CompletableFuture<Void> durable) {
    try {
      durable.get();
      return Optional.empty();
    } catch (ExecutionException e) {
      LOG.warn("what is to be known could not be stored: {}", String.valueOf(e.getCause()));
      return Optional.of(refused(notStored()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(refused(notStored()));
    }
  }

  private static Failure notStored() {
    return Reason.UNAVAILABLE.because("it could not be stored, as far as we know: try again");
  }

  private static Reply unknown(Context ctx) {
    return refused(Reason.NOT_FOUND.because("No such File object: " + ctx.pathParam("id"), "id"));
  }

  static Reply refused(Failure failure) {
    return Reply.failure(failure, Faces.CHAT);
  }
}
