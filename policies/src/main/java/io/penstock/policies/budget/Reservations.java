package io.penstock.policies.budget;

import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Charge;
import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.ReservationStage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a dispatch takes from the pots it counts against. While it is open that is what its attempts
 * have cost and what one more may cost at most; while it waits for money, and when it has ended,
 * what they have cost. Each step may be taken again without changing anything.
 */
public final class Reservations {
  /**
   * How long an ended reservation is kept at least: as long as what ended it may be read again
   * after a crash.
   */
  public static final Duration KEPT = Duration.ofSeconds(5);

  /** How long the true cost of a call whose worker vanished may come to replace its estimate. */
  public static final Duration LATE_ENDS = Duration.ofHours(1);

  private Reservations() {}

  /** A dispatch that may cost {@code amount}, and waits until that is there. */
  public static Reservation waiting(
      List<Pot> pots, @Nullable Money amount, Instant deadlineAt, Instant now) {
    return new Reservation(
        ids(pots, true),
        ids(pots, false),
        amount == null ? null : amount.pico(),
        ReservationStage.WAITING,
        now,
        deadlineAt,
        List.of(),
        null);
  }

  /** Attempts that nothing was set aside for, as of soft budgets: they are only counted. */
  public static Reservation counting(List<Pot> pots, Instant now) {
    return settled(waiting(pots, Money.ZERO, now, now), now);
  }

  private static List<String> ids(List<Pot> pots, boolean hard) {
    return pots.stream().filter(pot -> pot.budget().hard() == hard).map(Pot::id).toList();
  }

  /** Its dispatch goes to the workers. */
  public static Reservation opened(Reservation r) {
    return with(r, ReservationStage.OPEN, r.getSince(), r.getCharges(), r.getSettledAt());
  }

  /** Its dispatch must go out again, and what is there does not cover that. */
  public static Reservation waitingAgain(Reservation r, Instant now) {
    return r.getStage() == ReservationStage.WAITING
        ? r
        : with(r, ReservationStage.WAITING, now, r.getCharges(), r.getSettledAt());
  }

  /** Nothing more will be called for it. */
  public static Reservation settled(Reservation r, Instant now) {
    return r.getStage() == ReservationStage.SETTLED
        ? r
        : with(r, ReservationStage.SETTLED, r.getSince(), r.getCharges(), now);
  }

  /**
   * An attempt cost something. What is known replaces a guess, and nothing replaces what is known.
   *
   * @param cost null when unknown: then all counts that was set aside
   * @param guessed whether it may still turn out to be something else
   */
  public static Reservation charged(
      Reservation r, String attemptId, @Nullable Money cost, boolean guessed, Instant now) {
    Long amount = r.getAmountPicoUsd();
    long pico = cost != null ? cost.pico() : amount == null ? 0 : amount;
    var charges = new ArrayList<Charge>();
    for (Charge charge : r.getCharges()) {
      if (!charge.getAttemptId().equals(attemptId)) {
        charges.add(charge);
      } else if (guessed || !charge.getGuessed()) {
        return r;
      }
    }
    if (pico == 0 && charges.size() == r.getCharges().size()) {
      return r;
    }
    charges.add(new Charge(attemptId, pico, guessed));
    return with(r, r.getStage(), r.getSince(), charges, r.getSettledAt() == null ? null : now);
  }

  /** What its attempts have cost. */
  public static long charged(Reservation r) {
    return r.getCharges().stream().mapToLong(Charge::getPicoUsd).sum();
  }

  /** What it takes from each of its hard pots beyond that. */
  public static long reserved(Reservation r) {
    Long amount = r.getAmountPicoUsd();
    return r.getStage() == ReservationStage.OPEN && amount != null ? amount : 0;
  }

  /** When one that has ended may be forgotten, its charges being taken over into its slices. */
  public static Instant forgetAt(Reservation ended) {
    Instant settledAt = ended.getSettledAt();
    if (settledAt == null) {
      throw new IllegalArgumentException("a reservation that has not ended is not forgotten");
    }
    boolean guessed = ended.getCharges().stream().anyMatch(Charge::getGuessed);
    return settledAt.plus(guessed ? LATE_ENDS : KEPT);
  }

  /** A dispatch that is handed out once more, under the id of one that had ended. */
  static Reservation after(@Nullable Reservation ended, Reservation fresh) {
    return ended == null
        ? fresh
        : new Reservation(
            ended.getPots(),
            ended.getCounted(),
            fresh.getAmountPicoUsd(),
            fresh.getStage(),
            fresh.getSince(),
            fresh.getDeadlineAt(),
            ended.getCharges(),
            null);
  }

  /** The same, against other pots; nothing was charged yet. */
  static Reservation renewed(Reservation r, List<Pot> pots) {
    return new Reservation(
        ids(pots, true),
        ids(pots, false),
        r.getAmountPicoUsd(),
        r.getStage(),
        r.getSince(),
        r.getDeadlineAt(),
        List.of(),
        null);
  }

  private static Reservation with(
      Reservation r,
      ReservationStage stage,
      Instant since,
      List<Charge> charges,
      @Nullable Instant settledAt) {
    return new Reservation(
        r.getPots(),
        r.getCounted(),
        r.getAmountPicoUsd(),
        stage,
        since,
        r.getDeadlineAt(),
        charges,
        settledAt);
  }
}
