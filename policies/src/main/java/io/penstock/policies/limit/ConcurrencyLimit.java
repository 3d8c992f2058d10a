package io.penstock.policies.limit;

/**
 * How many calls at a time a provider seems to take of a model: additive increase, multiplicative
 * decrease, as TCP finds its window (Chiu and Jain 1989; docs/measurements.md, Providers §9).
 *
 * <p>An answer to a call that could only just go lets it grow, so by about one in a round trip, and
 * by more the longer nothing was refused, up to a tenth of its size. Where calls do not use it up
 * it stays, since nothing is learnt. A refusal cuts it, once in a round trip: those that were sent
 * before a cut say nothing of what came of it.
 *
 * <p>Not every refusal is about how many calls there are at a time. One of a call that was sent
 * when no more were under way than have been answered lately proves nothing, until more are refused
 * than are answered.
 *
 * @param calls at a time; the fraction is what growth has come to
 * @param cutAt the number of the last call that was sent before the last cut
 * @param quiet round trips, in which the limit was used up, since then
 * @param proven the most that were under way when a call was sent that was answered; no more than
 *     the last cut has left
 * @param balance how many more of the calls that prove nothing were refused since then than were
 *     answered
 */
record ConcurrencyLimit(double calls, long cutAt, double quiet, int proven, int balance) {
  // So many quiet round trips, and it grows by one more in each.
  private static final double PATIENCE = 4;
  private static final double STEEPEST = 0.1;
  private static final double DEEPEST = 0.5;

  /** Without data nobody waits. */
  static ConcurrencyLimit unknown(LimitRules rules) {
    return new ConcurrencyLimit(rules.most(), 0, 0, 0, 0);
  }

  int whole() {
    return (int) calls;
  }

  /**
   * Whether what becomes of a call says nothing of the limit, as it was sent before the last cut.
   */
  boolean outdates(Sent call) {
    return call.number() <= cutAt;
  }

  /** After an answer. */
  ConcurrencyLimit answered(Sent call, LimitRules rules) {
    int most = Math.max(proven, Math.min(whole(), call.underWay()));
    if (outdates(call)) {
      return new ConcurrencyLimit(calls, cutAt, quiet, most, balance);
    }
    if (!call.bound()) {
      return new ConcurrencyLimit(calls, cutAt, quiet, most, balance - 1);
    }
    double step = Math.clamp(quiet / PATIENCE, 1, Math.max(1, STEEPEST * calls));
    return new ConcurrencyLimit(
        Math.min(rules.most(), calls + step / calls), cutAt, quiet + 1 / calls, most, balance - 1);
  }

  /**
   * After a refusal for load.
   *
   * @param now how many are under way
   * @param sent the number of the last call that was sent
   */
  ConcurrencyLimit refused(Sent call, int now, long sent, LimitRules rules) {
    if (outdates(call)) {
      return this;
    }
    // Those under way may all be answered: refusals are quick.
    if (call.underWay() <= proven && balance + 1 <= now) {
      return new ConcurrencyLimit(calls, cutAt, quiet, proven, balance + 1);
    }
    return cut(call.underWay(), now, sent, rules);
  }

  /**
   * After a sign that there are too many. The first one may find a limit that nobody has come near:
   * what counts is how many were under way. A sign may come late, too: half of those that are under
   * way now are not too many.
   *
   * @param at how many were under way when it was set off
   * @param now how many are under way
   * @param sent the number of the last call that was sent
   */
  ConcurrencyLimit cut(double at, int now, long sent, LimitRules rules) {
    double tried = Math.min(calls, Math.max(at, proven));
    double used = Math.min(calls, Math.max(tried, now));
    double next = Math.max(rules.least(), Math.max(DEEPEST * used, rules.cut() * tried));
    return new ConcurrencyLimit(next, sent, 0, Math.min(proven, (int) next), 0);
  }
}
