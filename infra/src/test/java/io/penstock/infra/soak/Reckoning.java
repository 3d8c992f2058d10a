package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Provenance;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Set;

/**
 * The ledger beside the simulator's own count, all amounts in pico-dollars.
 *
 * <p>Each call is begun by an attempt, which has one cost event whatever became of it. A killed
 * worker leaves orphans: attempts with an estimate. Behind an orphan is a call that was cut (the
 * simulator counts it as undelivered), a call whose answer came and was not written any more (the
 * simulator counts it as delivered, the ledger has no report of it), or no call at all.
 *
 * @param attempts cost events of attempts
 * @param orphans those of them that are estimates because the worker vanished
 * @param calls what the simulator was asked
 * @param reported spent, as reported by the provider
 * @param estimated spent on orphans, as estimated
 * @param cost what the simulator charged for answers it delivered
 * @param undelivered what it would charge for those that nobody took
 */
record Reckoning(
    long attempts,
    long orphans,
    long calls,
    BigInteger reported,
    BigInteger estimated,
    BigInteger cost,
    BigInteger undelivered) {

  /** An estimate may be off by this share, since an answer's length is not known beforehand. */
  private static final BigDecimal ERROR = new BigDecimal("0.25");

  static Reckoning of(Books books, SimulatorStats simulator) {
    return new Reckoning(
        books.attempts(),
        books.events(Provenance.ORPHANED),
        simulator.calls(),
        books.spent(Set.of(Provenance.REPORTED)),
        books.spent(Set.of(Provenance.ESTIMATED, Provenance.ORPHANED)),
        simulator.cost(),
        simulator.undelivered());
  }

  /** Nothing was cut off from the provider: both count the same. */
  void assertExact() {
    assertThat(attempts).as("attempts, and calls").isEqualTo(calls);
    assertThat(orphans).isZero();
    assertThat(reported).as("reported, and charged").isEqualTo(cost);
    assertThat(estimated).isEqualTo(BigInteger.ZERO);
  }

  /** What was reported is exact; what nobody could report is estimated within the stated error. */
  void assertWithinEstimates() {
    assertThat(attempts).as("every call has its cost event").isBetween(calls, calls + orphans);
    assertThat(reported).as("nothing is invented").isLessThanOrEqualTo(cost);
    if (orphans == attempts - calls) {
      assertThat(lost()).as("nothing was lost").isEqualTo(BigInteger.ZERO);
      return;
    }
    assertThat(share().subtract(BigDecimal.ONE).abs())
        .as("error of the estimates: %s", this)
        .isLessThanOrEqualTo(ERROR);
  }

  /** The estimate of the orphans that made a call, as a share of what those calls cost. */
  private BigDecimal share() {
    BigDecimal called = BigDecimal.valueOf(orphans - (attempts - calls));
    return new BigDecimal(estimated)
        .multiply(called)
        .divide(
            new BigDecimal(lost()).multiply(BigDecimal.valueOf(orphans)), MathContext.DECIMAL32);
  }

  private BigInteger lost() {
    return undelivered.add(cost.subtract(reported));
  }

  @Override
  public String toString() {
    return "%d attempts, %d calls; reported %s, charged %s; %d orphans, %d of them never called,"
            .formatted(attempts, calls, reported, cost, orphans, attempts - calls)
        + " estimated %s for what the simulator puts at %s (undelivered %s, delivered unread %s)"
            .formatted(estimated, lost(), undelivered, cost.subtract(reported));
  }
}
