package io.penstock.policies.prefix;

import io.penstock.policies.cost.Rates;
import io.penstock.schemas.Money;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a provider asks for caching a prefix.
 *
 * @param input price of a token that is read afresh
 * @param read of one that is read from the cache
 * @param write of one that is written for the usual lifetime; null where writes are free
 * @param writeLong of one that is written for an hour; null where there is no such lifetime
 */
public record CacheTerms(
    Money input, Money read, @Nullable Money write, @Nullable Money writeLong) {

  /** The terms that a price row states; empty where it has no price for reads. */
  public static Optional<CacheTerms> of(Rates rates) {
    Money read = rates.cacheRead();
    return read == null
        ? Optional.empty()
        : Optional.of(
            new CacheTerms(rates.input(), read, rates.cacheWrite(), rates.cacheWriteLong()));
  }

  /** What so many tokens cost less to read than to send to a cache that does not have them. */
  public Money saving(long tokens) {
    long fresh = write == null ? input.pico() : Math.max(write.pico(), input.pico());
    return new Money(Math.multiplyExact(Math.max(0, fresh - read.pico()), tokens));
  }

  /** Whether a prefix that nobody reads again costs more than if it had not been cached. */
  public boolean writesCost() {
    return write != null && write.pico() > input.pico();
  }

  /**
   * What a token saves that is written once and then read so often: an expectation, in pico-dollars
   * as numbers go, for comparing and not for booking. The law is n − 1 > (w − 1) / (1 − r)
   * (docs/measurements.md, Providers §6b).
   */
  double gain(double reads, Money written) {
    return reads * (input.pico() - read.pico()) - (written.pico() - input.pico());
  }
}
