package io.penstock.embedded.simulator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call to a model, from the moment it is understood. For the thread that handles it.
 *
 * <p>How a call ends is counted before its last byte goes out, so that a caller who has an answer
 * finds it in the figures; when that byte cannot be sent after all, the count is put right.
 */
final class ServedCall {
  private static final String JSON = "application/json";
  private static final String EVENTS = "text/event-stream; charset=utf-8";
  private static final int OK = 200;

  private final Dialect dialect;
  private final Provider provider;
  private final Caller caller;
  private final RecentCalls.Call seen;
  private final Stats.Counted counted;
  private final long number;
  private final String id;

  ServedCall(
      Dialect dialect,
      Provider provider,
      Caller caller,
      long number,
      RecentCalls.Call seen,
      Stats.Counted counted) {
    this.dialect = dialect;
    this.provider = provider;
    this.caller = caller;
    this.seen = seen;
    this.counted = counted;
    this.number = number;
    this.id = String.format(Locale.ROOT, "sim%021d", number);
  }

  /** Answers with an error. */
  void refuse(Refusal refusal) {
    refuse(refusal, refusal.kind().name().toLowerCase(Locale.ROOT));
  }

  private void refuse(Refusal refusal, String word) {
    Map<String, String> headers = new HashMap<>(headers());
    if (refusal.kind() == Refusal.Kind.RATE_LIMITED) {
      headers.putAll(dialect.retryAfter(provider.faults.plan().retryAfter()));
    }
    int status = refusal.kind().status();
    seen.answeredWith(status);
    ended(new Ending.Refused(word));
    try {
      caller.send(status, JSON, headers, dialect.error(refusal, id));
    } catch (IOException e) {
      caller.hangUp();
    }
  }

  /**
   * Answers, or fails as the faults in force say.
   *
   * @param inFlight calls in flight when this one began, itself included
   */
  void serve(Ask ask, int inFlight) {
    Fault fault = provider.faults.next().orElse(null);
    switch (fault) {
      case RATE_LIMITED ->
          refuse(
              new Refusal(
                  Refusal.Kind.RATE_LIMITED, "Rate limit reached for " + ask.model().name(), null),
              fault.word());
      case OVERLOADED ->
          refuse(new Refusal(Refusal.Kind.OVERLOADED, "Overloaded", null), fault.word());
      case FAILED ->
          refuse(new Refusal(Refusal.Kind.FAILED, "The server had an error", null), fault.word());
      case TIMEOUT, TRUNCATED, GARBAGE -> work(ask, fault, inFlight);
      case null -> work(ask, null, inFlight);
    }
  }

  private void work(Ask ask, @Nullable Fault fault, int inFlight) {
    Instant now = provider.now();
    Pace pace =
        new Pace(provider.latency(), inFlight, () -> caller.isGone() || provider.isClosing());
    PrefixUse prefix = provider.caching.use(ask, now);
    Answer answer = Answer.to(ask);
    TokenUse use = use(ask, prefix, answer);
    if (fault == Fault.TIMEOUT) {
      pace.await(provider.faults.plan().timeout());
      lost(fault.word(), use);
      return;
    }
    try {
      if (!pace.awaitToken(1)) {
        lost(Ending.Lost.CALLER_GONE, use);
        return;
      }
      provider.caching.begun(ask, prefix, provider.now());
      var told = new Dialect.Told(id, now, answer, use);
      if (ask.stream()) {
        stream(ask, told, fault, pace);
      } else {
        whole(ask, told, fault, pace);
      }
    } catch (IOException e) {
      lost(Ending.Lost.CALLER_GONE, use);
    }
  }

  private static TokenUse use(Ask ask, PrefixUse prefix, Answer answer) {
    int uncached = ask.prompt().tokens() - prefix.reads() - prefix.writes() - prefix.writesLong();
    return new TokenUse(
        uncached, prefix.reads(), prefix.writes(), prefix.writesLong(), answer.tokens());
  }

  private void whole(Ask ask, Dialect.Told told, @Nullable Fault fault, Pace pace)
      throws IOException {
    if (!pace.awaitToken(told.answer().tokens())) {
      lost(Ending.Lost.CALLER_GONE, told.use());
      return;
    }
    byte[] body = dialect.whole(ask, told);
    seen.answeredWith(OK);
    ended(ending(ask, told, fault));
    if (fault == Fault.TRUNCATED) {
      caller.sendHalf(OK, JSON, headers(), body);
    } else {
      caller.send(OK, JSON, headers(), fault == null ? body : garbled(body));
    }
  }

  private void stream(Ask ask, Dialect.Told told, @Nullable Fault fault, Pace pace)
      throws IOException {
    List<Frame> frames = dialect.stream(ask, told);
    int half = frames.size() / 2;
    seen.answeredWith(OK);
    caller.begin(OK, EVENTS, headers());
    for (Frame frame : fault == null ? frames : frames.subList(0, half)) {
      if (!pace.hasReached(frame.tokens())) {
        caller.flush();
        if (!pace.awaitToken(frame.tokens())) {
          lost(Ending.Lost.CALLER_GONE, told.use());
          return;
        }
      }
      caller.add(utf8(frame.text()));
    }
    if (caller.isGone()) {
      lost(Ending.Lost.CALLER_GONE, told.use());
      return;
    }
    ended(ending(ask, told, fault));
    if (fault == Fault.GARBAGE) {
      String next = frames.get(half).text();
      caller.add(utf8(next.substring(0, next.length() * 2 / 3) + "\n\n"));
    }
    caller.flush();
    if (fault == Fault.TRUNCATED) {
      caller.hangUp();
    }
  }

  private static Ending ending(Ask ask, Dialect.Told told, @Nullable Fault fault) {
    if (fault != null) {
      return new Ending.Lost(fault.word(), told.use());
    }
    return ask.reportsUsage()
        ? new Ending.Delivered(told.use())
        : new Ending.Unreported(told.use());
  }

  /**
   * What a broken proxy makes of an answer: a page of its own, or half of it as if that were all.
   */
  private byte[] garbled(byte[] body) {
    return number % 2 == 0
        ? utf8("<html><body>upstream went away</body></html>")
        : Arrays.copyOf(body, body.length / 2);
  }

  /** The caller is not coming back, or will not hear from us again. */
  private void lost(String word, TokenUse use) {
    ended(new Ending.Lost(word, use));
    caller.hangUp();
  }

  private void ended(Ending ending) {
    seen.ended(ending);
    counted.ended(ending);
  }

  private Map<String, String> headers() {
    return Map.of(dialect.idHeader(), "req_" + id);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
