package io.penstock.policies.budget;

import io.penstock.schemas.avro.Account;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.schemas.avro.Share;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one who keeps a tenant's accounts: nobody else gives out its money, and never more than the
 * limit. What a task holds is what it was given less what it gave back, or what it spent if that is
 * more. A question that comes again gets the same answer; one that comes late gets none.
 */
public final class Accounts {
  /** A task that asks gets this part of what is left on top, so that it need not ask each time. */
  private static final int ON_TOP = 16;

  /** How long the account of a pot that has ended is kept. */
  private static final Duration KEPT_BEYOND = Duration.ofDays(3);

  private Accounts() {}

  /**
   * What a question leads to.
   *
   * @param grant null for a question from the past
   * @param state how the budget stands now; null when nothing changed or there is no such budget
   * @param exceeded whether more than the limit is spent since this question
   */
  public record Answer(
      Account next, @Nullable BudgetGrant grant, @Nullable BudgetState state, boolean exceeded) {}

  /** An account that nobody has asked for anything. */
  public static Account opened(BudgetQuestion q) {
    return new Account(
        q.getTenant(), q.getKeyId(), q.getPeriod(), q.getHard(), q.getEndsAt(), List.of());
  }

  /** Answers a question. */
  public static Answer answer(
      Account before, BudgetQuestion q, Optional<Budget> budget, Instant now) {
    Long limit = budget.map(b -> b.limit().pico()).orElse(null);
    Share share = share(before, q.getTask());
    if (share != null && q.getSequence() < share.getSequence()) {
      return new Answer(before, null, null, false);
    }
    if (share != null && q.getSequence() == share.getSequence()) {
      return new Answer(before, grant(before, share, q, limit, now), null, false);
    }
    Share told =
        new Share(
            q.getTask(),
            q.getSequence(),
            share == null ? 0 : share.getGrantedPicoUsd(),
            Math.max(share == null ? 0 : share.getReturnedPicoUsd(), q.getReturnedPicoUsd()),
            q.getSpentPicoUsd());
    Account heard = with(before, told);
    Share given =
        new Share(
            told.getTask(),
            told.getSequence(),
            told.getGrantedPicoUsd() + given(heard, told, q, limit),
            told.getReturnedPicoUsd(),
            told.getSpentPicoUsd());
    Account next = with(heard, given);
    return new Answer(
        next,
        grant(next, given, q, limit, now),
        limit == null ? null : state(next, limit, now),
        limit != null && spent(before) <= limit && spent(next) > limit);
  }

  private static long given(Account heard, Share told, BudgetQuestion q, @Nullable Long limit) {
    // Whoever spent more than it was given is first given what it spent: it holds that already.
    long beyond = Math.max(0, told.getSpentPicoUsd() - given(told));
    long free = limit == null ? 0 : limit - held(heard) + beyond;
    if (q.getWantedPicoUsd() <= 0 || free < q.getLeastPicoUsd()) {
      return 0;
    }
    long onTop = Math.max(0, free - q.getWantedPicoUsd()) / ON_TOP;
    return Math.min(free, q.getWantedPicoUsd() + onTop);
  }

  /** Pico-dollars in the hands of tasks, spent or not. */
  public static long held(Account account) {
    return account.getShares().stream()
        .mapToLong(share -> Math.max(given(share), share.getSpentPicoUsd()))
        .sum();
  }

  private static long given(Share share) {
    return share.getGrantedPicoUsd() - share.getReturnedPicoUsd();
  }

  /** Pico-dollars spent, as far as tasks have told. */
  public static long spent(Account account) {
    return account.getShares().stream().mapToLong(Share::getSpentPicoUsd).sum();
  }

  /**
   * Whether a state is that of a period that still lasts. What comes late is counted in its own
   * period, and must not stand where the present one is told of: both have one key.
   */
  public static boolean lasts(BudgetState state, Instant now) {
    Instant endsAt = state.getEndsAt();
    return endsAt == null || now.isBefore(endsAt);
  }

  /** Whether an account can be needed no more. */
  public static boolean forgettable(Account account, Instant now) {
    Instant endsAt = account.getEndsAt();
    return endsAt != null && !now.isBefore(endsAt.plus(KEPT_BEYOND));
  }

  private static BudgetGrant grant(
      Account account, Share share, BudgetQuestion q, @Nullable Long limit, Instant now) {
    return new BudgetGrant(
        q.getPot(),
        q.getTask(),
        share.getSequence(),
        share.getGrantedPicoUsd(),
        limit,
        spent(account),
        now);
  }

  private static BudgetState state(Account account, long limit, Instant now) {
    long spent = spent(account);
    return new BudgetState(
        account.getTenant(),
        account.getKeyId(),
        account.getPeriod(),
        account.getHard(),
        account.getEndsAt(),
        limit,
        spent,
        Math.max(0, held(account) - spent),
        now);
  }

  private static @Nullable Share share(Account account, int task) {
    return account.getShares().stream()
        .filter(share -> share.getTask() == task)
        .findFirst()
        .orElse(null);
  }

  private static Account with(Account account, Share changed) {
    var shares = new ArrayList<Share>();
    account.getShares().stream()
        .filter(share -> share.getTask() != changed.getTask())
        .forEach(shares::add);
    shares.add(changed);
    return new Account(
        account.getTenant(),
        account.getKeyId(),
        account.getPeriod(),
        account.getHard(),
        account.getEndsAt(),
        shares);
  }
}
