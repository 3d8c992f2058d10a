package io.penstock.embedded.simulator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
  private static final int FRAMES_OF_AN_END = 3;
  private static final String LIMITED = "limited";

  private static final Refusal OVERLOADED =
      new Refusal(Refusal.Kind.OVERLOADED, "Overloaded", null);
  private static final Refusal FAILED =
      new Refusal(Refusal.Kind.FAILED, "The server had an error", null);
  private static final Refusal QUOTA =
      new Refusal(
          Refusal.Kind.QUOTA,
          "You exceeded your current quota, please check your plan and billing details.",
          null);

  private final Dialect dialect;
  private final Provider provider;
  private final Caller caller;
  private final RecentCalls.Call seen;
  private final Stats.Counted counted;
  private final long number;
  private final String id;
  private Map<String, String> limits = Map.of();
  private @Nullable String admitted; // the model, while the call counts among those under way

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
    Map<String, String> told =
        refusal.kind() == Refusal.Kind.RATE_LIMITED
            ? dialect.retryAfter(provider.faults.plan().retryAfter())
            : Map.of();
    refuse(refusal, word, told);
  }

  private void refuse(Refusal refusal, String word, Map<String, String> more) {
    Map<String, String> headers = new HashMap<>(headers());
    headers.putAll(more);
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
   * Answers, or fails as the limits and faults in force say.
   *
   * @param inFlight calls in flight when this one began, itself included
   */
  void serve(Ask ask, int inFlight) {
    counted.servedBy(ask.tier(), provider.now());
    String model = ask.model().name();
    Limits.Standing standing = provider.limits.next(model, provider.now()).orElse(null);
    if (standing != null) {
      limits = standing.metered() ? dialect.limits(standing, provider.now()) : Map.of();
      if (standing.refused()) {
        refuse(
            tooMany(ask),
            LIMITED,
            standing.retryAfter().isEmpty()
                ? Map.of()
                : Map.of("retry-after", standing.retryAfter()));
        return;
      }
    }
    admitted = model;
    try {
      perform(ask, inFlight);
    } finally {
      leave();
    }
  }

  private void perform(Ask ask, int inFlight) {
    Fault fault = provider.faults.next().orElse(null);
    Latency usual = provider.latency();
    boolean flex = ask.tier().equals(PricedModel.FLEX_TIER);
    Latency pace = flex ? usual.slower(provider.flexFactor()) : usual;
    switch (fault) {
      case RATE_LIMITED -> refuse(tooMany(ask), fault.word());
      case OVERLOADED -> refuse(OVERLOADED, fault.word());
      case FAILED -> refuse(FAILED, fault.word());
      case QUOTA -> refuse(QUOTA, fault.word());
      case TIMEOUT, TRUNCATED, GARBAGE, MID_STREAM_ERROR, CUT_STREAM, RESET ->
          work(ask, fault, pace, inFlight);
      case NO_USAGE -> work(ask.withoutUsage(), null, pace, inFlight);
      case SLOW -> work(ask, null, pace.later(provider.faults.plan().slow()), inFlight);
      case null -> work(ask, null, pace, inFlight);
    }
  }

  private static Refusal tooMany(Ask ask) {
    return new Refusal(
        Refusal.Kind.RATE_LIMITED, "Rate limit reached for " + ask.model().name(), null);
  }

  private void work(Ask ask, @Nullable Fault fault, Latency latency, int inFlight) {
    Instant now = provider.now();
    Pace pace = new Pace(latency, inFlight, () -> caller.isGone() || provider.isClosing());
    PrefixUse prefix = provider.caching.use(ask, now);
    Answer answer = Answer.to(ask);
    var told = new Dialect.Told(id, now, answer, TokenUse.of(ask, prefix, answer));
    if (fault == Fault.TIMEOUT) {
      pace.await(provider.faults.plan().timeout());
      lost(fault.word(), told.use());
      return;
    }
    try {
      if (!pace.awaitToken(1)) {
        left(ask, told, pace);
        return;
      }
      Duration first = pace.elapsed();
      provider.caching.begun(ask, prefix, provider.now());
      if (ask.stream()) {
        stream(ask, told, fault, pace);
      } else {
        whole(ask, told, fault, pace);
      }
      if (fault == null) {
        provider.times.answered(first, pace.elapsed(), answer.steps());
      }
    } catch (IOException e) {
      left(ask, told, pace);
    }
  }

  /** What was used when the generation ends after some steps. */
  private static TokenUse after(long steps, Answer answer, TokenUse use) {
    return use.generating(answer.tokensAfter(steps), answer.reasoningAfter(steps));
  }

  private void whole(Ask ask, Dialect.Told told, @Nullable Fault fault, Pace pace)
      throws IOException {
    if (!pace.awaitToken(told.answer().steps())) {
      left(ask, told, pace);
      return;
    }
    byte[] body = dialect.whole(ask, told);
    Ending ending = ending(ask, told, fault, told.answer().steps() / 2);
    if (fault == Fault.RESET) {
      ended(ending);
      caller.reset();
      return;
    }
    seen.answeredWith(OK);
    ended(ending);
    switch (fault) {
      case TRUNCATED, CUT_STREAM -> caller.sendHalf(OK, JSON, headers(), body);
      case GARBAGE -> caller.send(OK, JSON, headers(), garbled(body));
      case MID_STREAM_ERROR -> caller.send(OK, JSON, headers(), dialect.error(OVERLOADED, id));
      case null, default -> caller.send(OK, JSON, headers(), body);
    }
  }

  private void stream(Ask ask, Dialect.Told told, @Nullable Fault fault, Pace pace)
      throws IOException {
    List<Frame> frames = dialect.stream(ask, told);
    // Half of what comes before the end, so that what is cut never has an end.
    int half = Math.max(1, (frames.size() - FRAMES_OF_AN_END) / 2);
    List<Frame> sent = fault == null ? frames : frames.subList(0, half);
    seen.answeredWith(OK);
    caller.begin(OK, EVENTS, headers());
    for (Frame frame : sent) {
      if (!pace.hasReached(frame.tokens())) {
        caller.flush();
      }
      if (!pace.awaitToken(frame.tokens())) {
        left(ask, told, pace);
        return;
      }
      caller.add(utf8(frame.text()));
    }
    if (caller.isGone()) {
      left(ask, told, pace);
      return;
    }
    ended(ending(ask, told, fault, sent.getLast().tokens()));
    if (fault == Fault.GARBAGE) {
      String next = frames.get(half).text();
      caller.add(utf8(next.substring(0, next.length() * 2 / 3) + "\n\n"));
    } else if (fault == Fault.MID_STREAM_ERROR) {
      caller.add(utf8(dialect.streamedError(OVERLOADED, id)));
    }
    caller.flush();
    if (fault == Fault.TRUNCATED) {
      caller.hangUp();
    } else if (fault == Fault.RESET) {
      caller.reset();
    }
  }

  /**
   * How a call ends that goes as {@code fault} says.
   *
   * @param steps how far the generation comes that ends early
   */
  private static Ending ending(Ask ask, Dialect.Told told, @Nullable Fault fault, long steps) {
    if (fault == Fault.MID_STREAM_ERROR || fault == Fault.CUT_STREAM) {
      return new Ending.Lost(fault.word(), after(steps, told.answer(), told.use()));
    }
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

  /**
   * Nobody is left to answer: a stream stops where it is, a plain answer is generated to its end.
   */
  private void left(Ask ask, Dialect.Told told, Pace pace) {
    TokenUse use = ask.stream() ? after(pace.reached(), told.answer(), told.use()) : told.use();
    lost(Ending.Lost.CALLER_GONE, use);
  }

  /** The caller is not coming back, or will not hear from us again. */
  private void lost(String word, TokenUse use) {
    ended(new Ending.Lost(word, use));
    caller.hangUp();
  }

  /** There is room for another: whoever has the end of an answer may ask again at once. */
  private void leave() {
    if (admitted != null) {
      provider.limits.leave(admitted);
      admitted = null;
    }
  }

  private void ended(Ending ending) {
    leave();
    seen.ended(ending);
    counted.ended(ending);
  }

  private Map<String, String> headers() {
    Map<String, String> headers = new HashMap<>(limits);
    headers.put(dialect.idHeader(), "req_" + id);
    return headers;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
