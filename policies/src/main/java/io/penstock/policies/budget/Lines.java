package io.penstock.policies.budget;

import io.penstock.policies.budget.Purse.Need;
import io.penstock.policies.budget.Treasury.Ripe;
import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.Slice;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for money. There is a line for each set of pots that somebody waits for, so that
 * however many wait for one, whoever wants another is seen; within a pot it goes by who came first.
 */
final class Lines {
  private final Budgets budgets;
  private final Shelf shelf;
  private final Books books;

  Lines(Budgets budgets, Shelf shelf, Books books) {
    this.budgets = budgets;
    this.shelf = shelf;
    this.books = books;
  }

  /** A note of somebody who waits; notes with an earlier turn come first. */
  private record Waiter(String line, String note, String turn) {
    static Waiter of(String line, String note) {
      return new Waiter(line, note, note.substring(Books.waitingIn(line).length()));
    }

    String place() {
      return Books.placeOf(note, Books.waitingIn(line));
    }
  }

  boolean empty() {
    return shelf.notes(Books.LINES, 1).isEmpty();
  }

  private List<Waiter> first(int most) {
    return shelf.notes(Books.LINES, Integer.MAX_VALUE).stream()
        .map(note -> note.substring(Books.LINES.length()))
        .flatMap(line ->
            shelf.notes(Books.waitingIn(line), most).stream().map(note -> Waiter.of(line, note)))
        .sorted(Comparator.comparing(Waiter::turn))
        .toList();
  }

  /**
   * What becomes of those who wait: of whoever's deadline has come, and of the first in each line,
   * up to the one that has to wait on.
   */
  List<Ripe> ripe(int most, Instant now) {
    Map<String, Verdict> decided = new LinkedHashMap<>();
    var claims = new Claims();
    for (String note : shelf.notes(Books.EXPIRES, most)) {
      if (now.isBefore(Books.timeOf(note, Books.EXPIRES))) {
        break; // They are in this order.
      }
      String place = Books.placeOf(note, Books.EXPIRES);
      decided.put(place, judged(inItsPeriod(place, now), claims, now));
    }
    Set<String> stopped = new HashSet<>();
    for (Waiter waiter : first(most)) {
      String place = waiter.place();
      if (stopped.contains(waiter.line()) || decided.containsKey(place)) {
        continue;
      }
      Reservation waiting = inItsPeriod(place, now);
      Verdict verdict = judged(waiting, claims, now);
      switch (verdict) {
        case Verdict.Refused _ -> decided.put(place, verdict);
        case Verdict.Go _ -> {
          decided.put(place, verdict);
          claims.stake(waiting.getPots(), amount(waiting));
        }
        case Verdict.Wait _ -> {
          // Else smaller ones would take every dollar that comes free.
          claims.stake(waiting.getPots(), amount(waiting));
          stopped.add(Books.lineOf(waiting));
        }
      }
    }
    return decided.entrySet().stream().map(e -> new Ripe(e.getKey(), e.getValue())).toList();
  }

  private Verdict judged(Reservation waiting, Claims claims, Instant now) {
    return Verdict.of(waiting, claims.leave(waiting.getPots()), budgets, now);
  }

  private static long amount(Reservation waiting) {
    return Objects.requireNonNullElse(waiting.getAmountPicoUsd(), 0L);
  }

  /** Whoever waits beyond the end of a day pays from the next one. */
  private Reservation inItsPeriod(String place, Instant now) {
    Reservation waiting = Objects.requireNonNull(shelf.reservation(place));
    boolean over =
        books.pursesOf(waiting).stream()
            .map(purse -> purse.slice().getEndsAt())
            .anyMatch(endsAt -> endsAt != null && !now.isBefore(endsAt));
    if (!over || !waiting.getCharges().isEmpty()) {
      return waiting;
    }
    List<Pot> pots =
        Books.potsOf(waiting).stream()
            .flatMap(pot -> budgets.ofPot(pot).stream())
            .map(budget -> budget.potAt(now))
            .toList();
    books.open(pots);
    Reservation renewed = Reservations.renewed(waiting, pots);
    books.write(place, waiting, renewed);
    return renewed;
  }

  /** What is wanted of each pot, so that the first in each line are served in their order. */
  Map<String, Need> needs(int most) {
    var claims = new Claims();
    Map<String, List<String>> potsOfLine = new HashMap<>();
    for (Waiter waiter : first(most)) {
      List<String> pots = potsOfLine.get(waiter.line());
      if (pots == null) {
        pots = Objects.requireNonNull(shelf.reservation(waiter.place())).getPots();
        potsOfLine.put(waiter.line(), pots);
      }
      claims.stake(pots, shelf.note(waiter.note()) - Books.PRESENT);
    }
    return claims.needs;
  }

  /** What those who came first will take, and is not there for the others. */
  private final class Claims {
    final Map<String, Need> needs = new HashMap<>();
    private final Map<String, Purse> purses = new HashMap<>();

    private @Nullable Purse purse(String pot) {
      Purse known = purses.get(pot);
      Slice slice = known == null ? shelf.slice(pot) : null;
      if (slice != null) {
        known = books.purse(slice);
        purses.put(pot, known);
      }
      return known;
    }

    /** What is left to whoever comes next. */
    List<Purse> leave(List<String> pots) {
      var left = new ArrayList<Purse>();
      for (String pot : pots) {
        Purse purse = purse(pot);
        if (purse != null) {
          left.add(purse.less(needs.getOrDefault(pot, Need.NOTHING).sum()));
        }
      }
      return left;
    }

    /**
     * Stakes a claim to each pot in turn, up to the first that has too little: whoever has one
     * waits for the next and never for one before it, so that no two wait for each other. The pots
     * of keys come before those of their tenants; nobody keeps a tenant's money waiting for a
     * key's.
     */
    void stake(List<String> pots, long amount) {
      for (String pot : pots.stream().sorted(Comparator.reverseOrder()).toList()) {
        Purse purse = purse(pot);
        if (purse != null && budgets.ofPot(pot).isPresent()) {
          Need need = needs.getOrDefault(pot, Need.NOTHING).and(amount, purse.available());
          needs.put(pot, need);
          if (need.lacks()) {
            return;
          }
        }
      }
    }
  }
}
