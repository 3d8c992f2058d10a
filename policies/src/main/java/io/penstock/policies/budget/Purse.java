package io.penstock.policies.budget;

import io.penstock.schemas.TrustedRecords;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.Slice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A task's slice of a pot with what its reservations take out of it. All sums only grow, but for
 * what corrections take back, and a question carries sums: so one that is asked twice, and an
 * answer that comes twice, change nothing.
 *
 * @param charged pico-dollars that reservations not yet forgotten have cost
 * @param reserved pico-dollars set aside for calls that are out
 */
public record Purse(Slice slice, long charged, long reserved) {
  static {
    TrustedRecords.trust();
  }

  /** How long an answer may take before the question is sent again. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  /** How soon somebody who still waits asks again. */
  static final Duration ASK_AGAIN = Duration.ofMillis(250);

  /** How often spending is told, and how long a slice may lie idle before it goes back. */
  static final Duration REPORT_EVERY = Duration.ofSeconds(1);

  /** How long a slice of a pot that has ended is kept for what comes late. */
  private static final Duration KEPT_BEYOND = Reservations.LATE_ENDS.multipliedBy(2);

  /**
   * What those who wait want of a pot.
   *
   * @param sum pico-dollars for all of them; a call that costs nothing wants none
   * @param least pico-dollars for the first of them: nobody overtakes it
   * @param lacks whether that is more than there is
   */
  public record Need(long sum, long least, boolean lacks) {
    public static final Need NOTHING = new Need(0, 0, false);

    /** One more, behind the others. */
    Need and(long amount, long available) {
      long all = Math.addExact(sum, amount);
      return new Need(all, equals(NOTHING) ? amount : least, all > available);
    }
  }

  /** What may still be reserved; negative when calls cost more than was set aside for them. */
  public long available() {
    return slice.getGrantedPicoUsd()
        - slice.getReturnedPicoUsd()
        - slice.getSpentPicoUsd()
        - charged
        - reserved;
  }

  /** The same when somebody else gets some of it first. */
  Purse less(long pico) {
    return new Purse(slice, charged, reserved + pico);
  }

  private long spent() {
    return slice.getSpentPicoUsd() + charged;
  }

  /** The question to send now, if there is one, and the slice to write before. */
  public Optional<Slice> asks(Need need, int task, boolean idle, Instant now) {
    BudgetQuestion last = slice.getQuestion();
    if (last != null && awaits()) {
      return now.isBefore(last.getAskedAt().plus(PATIENCE))
          ? Optional.empty()
          : Optional.of(with(slice.getReturnedPicoUsd(), again(last, now)));
    }
    boolean waits = need.lacks();
    long idling = idle && slice.getHard() ? Math.max(0, available() - need.sum()) : 0;
    boolean news = last == null ? spent() != 0 : last.getSpentPicoUsd() != spent();
    boolean due =
        last == null || !now.isBefore(last.getAskedAt().plus(waits ? ASK_AGAIN : REPORT_EVERY));
    return due && (waits || idling > 0 || news)
        ? Optional.of(asking(need, task, waits ? Math.max(0, available()) : idling, now))
        : Optional.empty();
  }

  /**
   * Whoever wants more gives back what is not enough for it: two tasks that each keep a part, and
   * wait for the rest, would wait for ever.
   */
  private Slice asking(Need need, int task, long givenBack, Instant now) {
    BudgetQuestion last = slice.getQuestion();
    long returned = slice.getReturnedPicoUsd() + givenBack;
    long lacking = Math.max(0, -available());
    boolean waits = need.lacks();
    var question =
        new BudgetQuestion(
            slice.getPot(),
            slice.getTenant(),
            slice.getKeyId(),
            slice.getPeriod(),
            slice.getHard(),
            slice.getEndsAt(),
            task,
            Math.max(last == null ? 0 : last.getSequence() + 1, now.toEpochMilli()),
            returned,
            spent(),
            waits ? need.sum() + lacking : 0,
            waits ? need.least() + lacking : 0,
            now);
    return with(returned, question);
  }

  private static BudgetQuestion again(BudgetQuestion question, Instant now) {
    return BudgetQuestion.newBuilder(question).setAskedAt(now).build();
  }

  /** Whether a question has not been answered. */
  public boolean awaits() {
    BudgetQuestion question = slice.getQuestion();
    BudgetGrant answer = slice.getAnswer();
    return question != null && (answer == null || answer.getSequence() < question.getSequence());
  }

  /** Whether nothing will have to be told or given back, until something happens. */
  boolean rests() {
    BudgetQuestion last = slice.getQuestion();
    boolean told = last == null ? spent() == 0 : last.getSpentPicoUsd() == spent();
    return !awaits() && told && !(slice.getHard() && available() > 0);
  }

  /** An answer; empty when it is no answer to the latest question, or came before. */
  public static Optional<Slice> answered(Slice slice, BudgetGrant grant) {
    BudgetQuestion question = slice.getQuestion();
    if (question == null
        || question.getSequence() != grant.getSequence()
        || grant.equals(slice.getAnswer())) {
      return Optional.empty();
    }
    return Optional.of(
        new Slice(
            slice.getPot(),
            slice.getTenant(),
            slice.getKeyId(),
            slice.getPeriod(),
            slice.getEndsAt(),
            slice.getHard(),
            Math.max(slice.getGrantedPicoUsd(), grant.getGrantedPicoUsd()),
            slice.getReturnedPicoUsd(),
            slice.getSpentPicoUsd(),
            slice.getFolded(),
            question,
            grant));
  }

  /**
   * Takes over what forgotten reservations cost. Their ids are kept until the next time: should a
   * crash lose their deletion, they count no second time.
   */
  public static Slice folded(Slice slice, List<String> ids, long pico, boolean more) {
    var folded = new ArrayList<String>(more ? slice.getFolded() : List.of());
    folded.addAll(ids);
    return new Slice(
        slice.getPot(),
        slice.getTenant(),
        slice.getKeyId(),
        slice.getPeriod(),
        slice.getEndsAt(),
        slice.getHard(),
        slice.getGrantedPicoUsd(),
        slice.getReturnedPicoUsd(),
        slice.getSpentPicoUsd() + pico,
        folded,
        slice.getQuestion(),
        slice.getAnswer());
  }

  /** What all tasks together have left, as far as the latest answer tells; null if unknown. */
  @Nullable Long remaining(Instant askedSince) {
    BudgetQuestion question = slice.getQuestion();
    // An answer may be older than the question that is out: it tells nothing of later times.
    boolean current = question != null && !awaits() && !question.getAskedAt().isBefore(askedSince);
    return current ? remaining() : null;
  }

  /** The same, however old it is; null if it was never told. */
  @Nullable Long remaining() {
    BudgetGrant answer = slice.getAnswer();
    Long limit = answer == null ? null : answer.getLimitPicoUsd();
    return answer == null || limit == null
        ? null
        : Long.valueOf(Math.max(0, limit - answer.getSpentPicoUsd()));
  }

  /** Whether all tasks together have spent more than there is, as far as is known. */
  boolean overdrawn(Instant askedSince) {
    BudgetGrant answer = slice.getAnswer();
    Long limit = answer == null ? null : answer.getLimitPicoUsd();
    return answer != null
        && limit != null
        && remaining(askedSince) != null
        && answer.getSpentPicoUsd() > limit;
  }

  /** Whether nothing of it can be needed again. */
  public boolean forgettable(Instant now) {
    Instant endsAt = slice.getEndsAt();
    BudgetQuestion question = slice.getQuestion();
    return endsAt != null
        && !now.isBefore(endsAt.plus(KEPT_BEYOND))
        && charged == 0
        && reserved == 0
        && !awaits()
        && (question == null || question.getSpentPicoUsd() == spent());
  }

  private Slice with(long returned, BudgetQuestion question) {
    return new Slice(
        slice.getPot(),
        slice.getTenant(),
        slice.getKeyId(),
        slice.getPeriod(),
        slice.getEndsAt(),
        slice.getHard(),
        slice.getGrantedPicoUsd(),
        returned,
        slice.getSpentPicoUsd(),
        slice.getFolded(),
        question,
        slice.getAnswer());
  }
}
