package io.penstock.policies.calling;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a provider said it would still take of a model, in the headers of its last answer, less what
 * was sent since. Unknown is not zero.
 *
 * @param requests requests it would still take
 * @param tokens tokens it would still take
 */
public record Allowance(Quota requests, Quota tokens) {
  public static final Allowance UNKNOWN = new Allowance(Quota.UNKNOWN, Quota.UNKNOWN);

  /**
   * No call is held for longer, and nothing a provider says is believed for longer: then one call
   * sees whether it is still so.
   */
  public static final Duration LONGEST_HOLD = Duration.ofSeconds(60);

  /** How long the others wait for the answer of the one that goes first. */
  private static final Duration FIRST = Duration.ofSeconds(1);

  /** What is left once so many calls of so many tokens together have been sent. */
  public Allowance less(long calls, long sent) {
    return new Allowance(requests.less(calls), tokens.less(sent));
  }

  /**
   * How long until it takes so many calls of so many tokens together. Calls that ask for more than
   * it ever takes, but find it full, are let go: it may know better than our estimate.
   */
  public Duration hold(long calls, long wanted, Instant now) {
    Duration forRequests = requests.hold(calls, now);
    Duration forTokens = tokens.hold(wanted, now);
    return forRequests.compareTo(forTokens) > 0 ? forRequests : forTokens;
  }

  /**
   * The allowance as it stands when a call of so many tokens is next. Where a limit is not known,
   * nobody knows what is left after its reset, and those who waited for it must not find out all at
   * once: one goes, and its answer tells.
   */
  public Allowance at(Instant now, long wanted) {
    boolean few = requests.passed(1, now);
    boolean little = tokens.passed(wanted, now);
    if (!few && !little) {
      return this;
    }
    Quota one = new Quota(null, 1L, 1L, now.plus(FIRST), now);
    return new Allowance(
        few || requests.left() == null ? one : requests, little ? Quota.UNKNOWN : tokens);
  }

  /**
   * As much of this as is to be believed.
   *
   * @param refused whether the call whose answer said so was refused for its pace. One that was
   *     answered shows that calls are taken: what it says of a distant future may be nonsense, and
   *     will be said again, with a refusal, if it is not
   */
  public Allowance believed(boolean refused, Instant now) {
    return new Allowance(believed(requests, refused, now), believed(tokens, refused, now));
  }

  private static Quota believed(Quota quota, boolean refused, Instant now) {
    Instant latest = now.plus(LONGEST_HOLD);
    boolean distant = quota.resetAt() != null && quota.resetAt().isAfter(latest);
    boolean hopeless = distant && quota.hold(1, now).compareTo(LONGEST_HOLD) > 0;
    if (hopeless) {
      return refused ? quota.until(latest) : Quota.UNKNOWN;
    }
    return quota;
  }

  /** When everything that was said has passed; null when nothing was. */
  public @Nullable Instant resetAt() {
    return Stream.of(requests, tokens)
        .map(Quota::resetAt)
        .filter(Objects::nonNull)
        .max(Instant::compareTo)
        .orElse(null);
  }
}
