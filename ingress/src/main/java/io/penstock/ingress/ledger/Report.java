package io.penstock.ingress.ledger;

import java.math.BigInteger;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The ledger by one breakdown, and in total; all of one moment.
 *
 * @param avoidedByCause parts of the total's avoided amount, by the word for what avoided it
 */
public record Report(
    SortedMap<String, Sum> rows, Sum total, SortedMap<String, BigInteger> avoidedByCause) {

  /** What is compared with, for people. */
  public static final String BASELINE =
      "every answer called for by itself: same model, same service tier, the provider's own cache as"
          + " it was; spent + avoided = baseline";

  static Report of(Query query, Map<Account, Sum> sums) {
    var rows = new TreeMap<String, Sum>();
    var total = Sum.NOTHING;
    var avoided = new TreeMap<String, BigInteger>();
    for (Map.Entry<Account, Sum> one : sums.entrySet()) {
      Account account = one.getKey();
      Sum sum = one.getValue();
      // What a later revision moved elsewhere leaves an empty account behind.
      if (sum.events() > 0 && query.covers(account)) {
        rows.merge(account.key(query.by()), sum, Sum::plus);
        total = total.plus(sum);
        if (sum.avoided().signum() != 0) {
          avoided.merge(account.key(By.CAUSE), sum.avoided(), BigInteger::add);
        }
      }
    }
    return new Report(rows, total, avoided);
  }
}
