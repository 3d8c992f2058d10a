package io.penstock.ingress;

import io.penstock.client.ClientException;
import io.penstock.client.Listening;
import io.penstock.client.PenstockClient;
import io.penstock.client.Retraction;
import io.penstock.client.Submission;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.status.StatusIndex;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends admitted requests on their way, and calls them back. Any thread. */
final class Sending {
  private static final Logger LOG = LoggerFactory.getLogger(Sending.class);
  private static final Listening NOT_LISTENING = () -> {};

  private final PenstockClient client;
  private final Claims claims;
  private final Waits waits;
  private final InstantSource clock;
  private final Duration longestWait;
  private final Disconnect onDisconnect;

  Sending(
      PenstockClient client,
      StatusIndex status,
      Waits waits,
      InstantSource clock,
      Duration longestWait,
      Disconnect onDisconnect) {
    this.client = client;
    this.claims = new Claims(client, status);
    this.waits = waits;
    this.clock = clock;
    this.longestWait = longestWait;
    this.onDisconnect = onDisconnect;
  }

  /**
   * A request on its way; nothing of what it asks is kept, for its caller may wait for long.
   *
   * @param retraction what takes it back, where that may be wanted
   * @param until when its caller waits, as {@link System#nanoTime()} counts
   */
  record Sent(
      String id,
      Instant acceptedAt,
      Submission submission,
      @Nullable Retraction retraction,
      long until,
      Listening listening) {}

  /** When a request may be taken back: on the word of its caller, or also when that leaves. */
  enum Retractable {
    ON_DISCONNECT,
    ON_REQUEST
  }

  /**
   * Sends a request.
   *
   * @param retractable when it may be taken back
   * @param feed to be fed with the pieces of its answer, and with its end; null for a plain answer
   */
  Reading<Sent> send(
      Intake.Admitted admitted, Retractable retractable, Instant now, @Nullable Feed feed) {
    Duration patience = patience(admitted, now);
    long until = System.nanoTime() + patience.toNanos();
    Intake.Admitted named;
    try {
      named = admitted.named(client.ids(patience));
    } catch (ClientException e) {
      return new Reading.Refused<>(Waits.failure(e));
    }
    InferenceRequest request = named.request();
    // Before it is sent, so that no piece is missed.
    Listening listening = feed == null ? NOT_LISTENING : client.listen(request, feed);
    return switch (send(named.lane(), request, until)) {
      case Reading.Refused<Submission>(var failure) -> {
        listening.close();
        yield new Reading.Refused<>(failure);
      }
      case Reading.Read<Submission>(Submission submission) -> {
        var sent =
            new Sent(
                request.getId(),
                request.getAcceptedAt(),
                submission,
                retraction(request, retractable),
                until,
                listening);
        if (feed != null) {
          feedTheEnd(sent, feed);
        }
        yield new Reading.Read<>(sent);
      }
    };
  }

  private void feedTheEnd(Sent sent, Feed feed) {
    Thread.ofVirtual()
        .start(() -> {
          Waits.End end = waits.await(sent.submission(), sent.until());
          sent.listening().close();
          feed.ended(end);
        });
  }

  private Duration patience(Intake.Admitted admitted, Instant now) {
    var allowed = Duration.between(now, admitted.request().getDeadlineAt());
    return allowed.compareTo(longestWait) < 0 ? allowed : longestWait;
  }

  private Reading<Submission> send(Lane lane, InferenceRequest request, long until) {
    return request.getIdempotencyKey() == null
        ? new Reading.Read<>(client.send(lane, request))
        : claims.send(lane, request, Duration.ofNanos(until - System.nanoTime()));
  }

  private @Nullable Retraction retraction(InferenceRequest request, Retractable retractable) {
    boolean wanted =
        switch (retractable) {
          case ON_DISCONNECT -> onDisconnect == Disconnect.CANCEL;
          case ON_REQUEST -> true;
        };
    return wanted && request.getIdempotencyKey() == null ? client.retraction(request) : null;
  }

  /** Whether a request is taken back when its caller leaves. */
  boolean withdrawsOnDisconnect(Sent sent) {
    return switch (onDisconnect) {
      case DRAIN -> false;
      case CANCEL -> sent.retraction() != null;
    };
  }

  /** Nobody is there any more who waits for the answer; may be said more than once. */
  void left(Sent sent) {
    boolean waited = sent.submission().response().cancel(false);
    sent.listening().close();
    if (waited && withdrawsOnDisconnect(sent)) {
      withdraw(sent);
    }
  }

  /** Takes a request back, if that may be, because its caller said so or has left. */
  void withdraw(Sent sent) {
    Retraction retraction = sent.retraction();
    if (retraction != null) {
      var _ =
          retraction
              .at(clock.instant())
              .exceptionally(e -> {
                LOG.warn("{} could not be withdrawn: {}", sent.id(), e.toString());
                return null;
              });
    }
  }
}
