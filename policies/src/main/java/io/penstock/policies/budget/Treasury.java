package io.penstock.policies.budget;

import io.penstock.policies.budget.Purse.Need;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.ReservationStage;
import io.penstock.schemas.avro.Slice;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one task does with the money of budgets: it sets aside what a dispatch may cost before the
 * dispatch goes out, counts what it did cost, asks for more and gives back what lies idle. It
 * writes before it tells, and whatever it is told twice changes nothing, so that a crash neither
 * loses money nor spends it twice. Used by one thread.
 */
public final class Treasury {
  private static final String USED = "used/";
  private static final String SEEN_AGAIN = "seen-again/";

  private final Budgets budgets;
  private final Shelf shelf;
  private final Books books;
  private final Lines lines;
  private final int task;
  private Instant forgetsNotBefore = Instant.EPOCH;

  /**
   * @param task this task's number: the partition that answers to its questions are sent to
   */
  public Treasury(Budgets budgets, Shelf shelf, int task) {
    this.budgets = budgets;
    this.shelf = shelf;
    this.books = new Books(shelf);
    this.lines = new Lines(budgets, shelf, books);
    this.task = task;
  }

  /** Who wants to spend: a dispatch under its place, paid by a tenant and its key. */
  public record Spender(String place, String tenant, @Nullable String keyId) {}

  /**
   * What a call cost.
   *
   * @param cost null when unknown
   * @param guessed whether its end may still be heard of
   * @param at when it began: that decides which budgets it counts against
   */
  public record Spent(
      Spender spender, String attemptId, @Nullable Money cost, boolean guessed, Instant at) {}

  /** A dispatch that was held back, and what becomes of it now. */
  public record Ripe(String place, Verdict verdict) {}

  /**
   * Why a request that has just come will not be called for, if that is clear already.
   *
   * @param amount what one call may cost at most; null when unknown
   */
  public Optional<Failure> refusal(Spender spender, @Nullable Money amount, Instant now) {
    List<Purse> purses =
        budgets.potsOf(spender.tenant(), spender.keyId(), now).stream()
            .filter(pot -> pot.budget().hard())
            .map(books::purse)
            .toList();
    return Verdict.atOnce(amount, purses, budgets, now);
  }

  /**
   * Whether a dispatch may go out now. If not, it is held back, and {@link #ripe} tells what
   * becomes of it.
   *
   * @param amount what one call may cost at most; null when unknown
   */
  public boolean handsOut(
      Spender spender, @Nullable Money amount, Instant deadlineAt, Instant now) {
    Reservation known = shelf.reservation(spender.place());
    if (known == null || known.getStage() == ReservationStage.SETTLED) {
      List<Pot> pots = budgets.potsOf(spender.tenant(), spender.keyId(), now);
      if (pots.stream().noneMatch(pot -> pot.budget().hard())) {
        return true;
      }
      books.open(pots);
      Reservation fresh = Reservations.waiting(pots, allowed(pots, amount), deadlineAt, now);
      return handsOut(spender.place(), known, Reservations.after(known, fresh), true, now);
    }
    return handsOut(spender.place(), known, known, false, now);
  }

  private boolean handsOut(
      String place,
      @Nullable Reservation before,
      Reservation wanted,
      boolean lastInLine,
      Instant now) {
    List<Purse> purses = books.pursesOf(wanted);
    if (lastInLine && !Objects.equals(wanted.getAmountPicoUsd(), 0L)) {
      purses = purses.stream().map(p -> p.less(books.awaited(p.slice().getPot()))).toList();
    }
    boolean goes = Verdict.of(wanted, purses, budgets, now) instanceof Verdict.Go;
    books.write(
        place, before, goes ? Reservations.opened(wanted) : Reservations.waitingAgain(wanted, now));
    if (goes) {
      wanted.getPots().forEach(pot -> shelf.note(USED + pot, now.toEpochMilli()));
    }
    return goes;
  }

  // A price that is unknown counts nothing where every budget allows that.
  private static @Nullable Money allowed(List<Pot> pots, @Nullable Money amount) {
    boolean all = pots.stream().map(Pot::budget).allMatch(b -> !b.hard() || b.unknownPrices());
    return amount == null && all ? Money.ZERO : amount;
  }

  /** A dispatch that is held back is called for all the same: a copy of it was out. */
  public void begun(String place) {
    Reservation known = shelf.reservation(place);
    if (known != null && known.getStage() == ReservationStage.WAITING) {
      books.write(place, known, Reservations.opened(known));
    }
  }

  /**
   * Counts what calls cost, and lets go of what was set aside for dispatches that have ended.
   *
   * @param ended places of dispatches for which nothing more will be called
   */
  public void settle(List<Spent> costs, List<String> ended, Instant now) {
    var changed = new LinkedHashMap<String, Reservation>();
    for (Spent spent : costs) {
      String place = spent.spender().place();
      Reservation known =
          changed.containsKey(place) ? changed.get(place) : shelf.reservation(place);
      if (known == null) {
        List<Pot> pots =
            budgets.potsOf(spent.spender().tenant(), spent.spender().keyId(), spent.at());
        if (pots.isEmpty()) {
          continue;
        }
        books.open(pots);
        known = Reservations.counting(pots, now);
      }
      changed.put(
          place,
          Reservations.charged(known, spent.attemptId(), spent.cost(), spent.guessed(), now));
    }
    for (String place : ended) {
      Reservation known =
          changed.containsKey(place) ? changed.get(place) : shelf.reservation(place);
      if (known != null) {
        changed.put(place, Reservations.settled(known, now));
      }
    }
    changed.forEach((place, next) -> {
      Reservation before = shelf.reservation(place);
      if (next.equals(before) && next.getStage() == ReservationStage.SETTLED) {
        // What ended it is read again, and may be once more.
        shelf.note(SEEN_AGAIN + place, now.toEpochMilli());
      } else if (before != null || !next.getCharges().isEmpty()) {
        books.write(place, before, next);
      }
    });
  }

  /** Whether the dispatch under a place is held back. */
  public boolean holdsBack(String place) {
    Reservation known = shelf.reservation(place);
    return known != null && known.getStage() == ReservationStage.WAITING;
  }

  /** Whether anything is held back. */
  public boolean holdsBack() {
    return !lines.empty();
  }

  /**
   * What becomes of those that were held back, first come first served; nothing is said of those
   * who wait on.
   *
   * @param most to look at in each line
   */
  public List<Ripe> ripe(int most, Instant now) {
    return lines.ripe(most, now);
  }

  /** The questions to send now; each is written down before. */
  public List<BudgetQuestion> questions(int most, Instant now) {
    Map<String, Need> needs = lines.needs(most);
    needs.keySet().forEach(pot -> shelf.note(Books.TOUCHED + pot, 1));
    var questions = new ArrayList<BudgetQuestion>();
    for (String name : shelf.notes(Books.TOUCHED, Integer.MAX_VALUE)) {
      String pot = name.substring(Books.TOUCHED.length());
      Slice slice = shelf.slice(pot);
      if (slice == null) {
        shelf.note(name, 0);
        continue;
      }
      Purse purse = books.purse(slice);
      Need need = needs.getOrDefault(pot, Need.NOTHING);
      boolean idle = !now.isBefore(lastUsed(pot).plus(Purse.REPORT_EVERY));
      purse
          .asks(need, task, idle, now)
          .ifPresentOrElse(
              asking -> {
                shelf.put(asking);
                questions.add(Objects.requireNonNull(asking.getQuestion()));
              },
              () -> shelf.note(name, need.equals(Need.NOTHING) && purse.rests() ? 0 : 1));
    }
    return questions;
  }

  /** An answer has come. */
  public void granted(BudgetGrant grant) {
    Slice slice = shelf.slice(grant.getPot());
    if (slice != null && grant.getTask() == task) {
      Purse.answered(slice, grant).ifPresent(shelf::put);
      shelf.note(Books.TOUCHED + grant.getPot(), 1);
    }
  }

  /** Forgets what has ended long ago; its costs stay in the slices. */
  public void forget(int most, Instant now) {
    Map<String, Reservation> folding = new LinkedHashMap<>();
    if (now.isBefore(forgetsNotBefore)) {
      return;
    }
    for (String name : shelf.notes(Books.DUE, most)) {
      String place = Books.placeOf(name, Books.DUE);
      Reservation ended = Objects.requireNonNull(shelf.reservation(place));
      if (now.isBefore(Reservations.forgetAt(ended))) {
        break; // They are in this order.
      }
      Instant seenAgain = Instant.ofEpochMilli(shelf.note(SEEN_AGAIN + place));
      if (!now.isBefore(seenAgain.plus(Reservations.KEPT))) {
        folding.put(place, ended);
        shelf.note(SEEN_AGAIN + place, 0);
      }
    }
    fold(folding, false);
  }

  /** Forgets slices of pots that have ended long ago. */
  public void tidy(Instant now) {
    for (Slice slice : shelf.slices()) {
      if (books.purse(slice).forgettable(now)) {
        shelf.drop(slice);
        shelf.note(USED + slice.getPot(), 0);
      }
    }
  }

  /**
   * First every slice, then the deletions: a crash between them leaves what {@link #restored} ends.
   */
  private void fold(Map<String, Reservation> folding, boolean more) {
    Map<String, List<String>> ids = new LinkedHashMap<>();
    Map<String, Long> sums = new HashMap<>();
    folding.forEach((place, reservation) -> {
      String id = Books.foldedId(place, reservation);
      for (String pot : Books.potsOf(reservation)) {
        Slice slice = shelf.slice(pot);
        if (slice != null && !(more && slice.getFolded().contains(id))) {
          ids.computeIfAbsent(pot, p -> new ArrayList<>()).add(id);
          sums.merge(pot, Reservations.charged(reservation), Long::sum);
        }
      }
    });
    ids.forEach((pot, taken) -> {
      Slice slice = Objects.requireNonNull(shelf.slice(pot));
      shelf.put(Purse.folded(slice, taken, sums.getOrDefault(pot, 0L), more));
    });
    folding.forEach((place, reservation) -> {
      if (more) {
        shelf.drop(place);
      } else {
        books.write(place, reservation, null);
      }
    });
  }

  /**
   * Takes over this state after a crash or a move: makes the notes anew, and ends what the crash
   * interrupted. Whatever has ended is kept as if it had ended now, as long as it may be read
   * again.
   */
  public void restored(Instant now) {
    forgetsNotBefore = now.plus(Reservations.KEPT);
    shelf.slices().forEach(slice -> shelf.note(Books.TOUCHED + slice.getPot(), 1));
    Map<String, Reservation> interrupted = new LinkedHashMap<>();
    shelf.eachReservation((place, reservation) -> {
      String id = Books.foldedId(place, reservation);
      boolean begun =
          Books.potsOf(reservation).stream()
              .map(shelf::slice)
              .anyMatch(slice -> slice != null && slice.getFolded().contains(id));
      if (begun) {
        interrupted.put(place, reservation);
      } else {
        books.noteDown(place, reservation, 1);
      }
    });
    fold(interrupted, true);
  }

  /**
   * Lets go of what was set aside for dispatches that nobody knows.
   *
   * @param known whether the dispatch under a place may still be called for
   */
  public void reconcile(Predicate<String> known, Instant now) {
    var unknown = new ArrayList<String>();
    shelf.eachReservation((place, reservation) -> {
      if (reservation.getStage() != ReservationStage.SETTLED && !known.test(place)) {
        unknown.add(place);
      }
    });
    settle(List.of(), unknown, now);
  }

  private Instant lastUsed(String pot) {
    return Instant.ofEpochMilli(shelf.note(USED + pot));
  }
}
