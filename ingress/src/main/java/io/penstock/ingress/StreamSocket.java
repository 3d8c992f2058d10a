package io.penstock.ingress;

import static io.penstock.ingress.Sending.Retractable.ON_REQUEST;

import io.penstock.ingress.json.Reading;
import io.penstock.ingress.own.OwnMessages;
import io.penstock.ingress.own.OwnMessages.Said;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One caller's WebSocket: many requests over it, each named by the caller, told on a thread of its
 * own. Messages come in one by one; what is sent goes through the {@link Outbox}.
 */
final class StreamSocket {
  /** Requests under way over one socket. */
  static final int MOST_UNDER_WAY = 128;

  private static final Lane USUAL_LANE = Lane.STANDARD;

  private final Caller caller;
  private final InferenceHandler.Desk desk;
  private final Outbox outbox;
  private final ConcurrentHashMap<String, UnderWay> underWay = new ConcurrentHashMap<>();
  private final AtomicInteger untold = new AtomicInteger(); // those whose end is not taken yet

  /** A request under way. */
  private static final class UnderWay {
    private final Sending.Sent sent;
    private volatile boolean cancelled;

    private UnderWay(Sending.Sent sent) {
      this.sent = sent;
    }
  }

  StreamSocket(Caller caller, InferenceHandler.Desk desk, Outbox outbox) {
    this.caller = caller;
    this.desk = desk;
    this.outbox = outbox;
  }

  /** Something was said. Returns when it is taken in, so that no more is read before. */
  void said(String message) {
    try (var share = desk.room().share()) {
      Said said =
          share.grow(message.length())
              ? OwnMessages.read(message, share)
              : new Said.Wrong(
                  null, Reason.OVERLOADED.because("too much is being sent at once: try again"));
      switch (said) {
        case Said.Ask ask -> ask(ask);
        case Said.Cancel(String ref) -> cancel(ref);
        case Said.Wrong(var ref, Failure failure) ->
            outbox.send(OwnMessages.error(ref, failure, null));
      }
    } catch (IOException e) {
      left();
    }
  }

  private void ask(Said.Ask ask) throws IOException {
    Failure refusal = null;
    if (underWay.size() >= MOST_UNDER_WAY) {
      refusal =
          Reason.OVERLOADED.because(
              MOST_UNDER_WAY + " requests are under way over this socket: wait for one of them");
    } else if (underWay.containsKey(ask.ref())) {
      refusal = Reason.INVALID_VALUE.because("this ref is in use: choose another", "ref");
    }
    if (refusal != null) {
      outbox.send(OwnMessages.error(ask.ref(), refusal, null));
      return;
    }
    Instant now = desk.clock().instant();
    long begun = System.nanoTime();
    var feed = new Feed();
    switch (desk.intake().admit(ask.body(), USUAL_LANE, caller, null, now)) {
      case Reading.Refused<Intake.Admitted>(Failure failure) ->
          outbox.send(OwnMessages.error(ask.ref(), failure, null));
      case Reading.Read<Intake.Admitted>(Intake.Admitted admitted) -> {
        switch (desk.sending().send(admitted, ON_REQUEST, now, feed)) {
          case Reading.Refused<Sending.Sent>(Failure failure) ->
              outbox.send(OwnMessages.error(ask.ref(), failure, null));
          case Reading.Read<Sending.Sent>(Sending.Sent sent) -> {
            var request = new UnderWay(sent);
            underWay.put(ask.ref(), request);
            untold.incrementAndGet();
            Thread.ofVirtual().start(() -> tell(ask.ref(), request, feed, begun));
          }
        }
      }
    }
  }

  private void tell(String ref, UnderWay request, Feed feed, long begun) {
    var audience =
        new SocketAudience(
            ref,
            request.sent.id(),
            outbox,
            () -> request.cancelled,
            () -> underWay.remove(ref, request));
    try {
      if (durable(request.sent)) {
        outbox.send(OwnMessages.accepted(ref, request.sent.id()));
      }
      new Narrator(request.sent, feed, audience, desk.pulse())
          .tell()
          .ifPresent(response -> saw(response, begun));
    } catch (IOException e) {
      desk.sending().left(request.sent);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      underWay.remove(ref, request);
      untold.decrementAndGet();
    }
  }

  /** Ids are only given out once their request is durable; the producer bounds the time. */
  private static boolean durable(Sending.Sent sent) throws InterruptedException {
    try {
      sent.submission().accepted().get();
      return true;
    } catch (ExecutionException e) {
      return false; // The end of the wait says why.
    }
  }

  private void saw(InferenceResponse response, long begun) {
    desk.status().saw(response);
    desk.timings().waited(response, System.nanoTime() - begun);
  }

  /** Whoever says so itself is believed, whatever becomes of those who just leave. */
  private void cancel(String ref) throws IOException {
    UnderWay request = underWay.get(ref);
    if (request == null) {
      outbox.send(
          OwnMessages.error(
              ref, Reason.NOT_FOUND.because("nothing is under way by this ref", "ref"), null));
      return;
    }
    request.cancelled = true;
    desk.sending().withdraw(request.sent);
    request.sent.submission().response().cancel(false);
  }

  /** Nobody is there any more. */
  void left() {
    outbox.close();
    underWay.values().forEach(request -> desk.sending().left(request.sent));
  }

  /** Whether everything that was asked over it has been told. */
  boolean idle() {
    return untold.get() == 0;
  }

  Outbox outbox() {
    return outbox;
  }
}
