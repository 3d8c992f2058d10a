package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.json.Faults;
import io.penstock.ingress.json.Reading;
import io.penstock.policies.Reason;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list a caller wants, as OpenAI's clients say it.
 *
 * @param after the id of the last one it has
 */
record Pages(int limit, @Nullable String after, boolean oldestFirst) {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

  /** A part of a list. */
  record Page<T>(List<T> items, boolean more) {}

  static Reading<Pages> of(Context ctx, int usual, int most) {
    String limit = ctx.queryParam("limit");
    int items =
        limit == null ? usual : NUMBER.matcher(limit).matches() ? Integer.parseInt(limit) : 0;
    if (items < 1 || items > most) {
      return new Reading.Refused<>(
          Reason.INVALID_VALUE.because(
              "limit must lie between 1 and " + most + "; it is " + Faults.excerpt("" + limit),
              "limit"));
    }
    return new Reading.Read<>(
        new Pages(items, ctx.queryParam("after"), "asc".equals(ctx.queryParam("order"))));
  }

  /**
   * @param newestFirst the whole list
   */
  <T> Page<T> of(List<T> newestFirst, Function<T, String> id) {
    List<T> all = oldestFirst ? newestFirst.reversed() : newestFirst;
    int from = 0;
    if (after != null) {
      while (from < all.size() && !id.apply(all.get(from)).equals(after)) {
        from++;
      }
      from = Math.min(all.size(), from + 1);
    }
    int to = Math.min(all.size(), from + limit);
    return new Page<>(all.subList(from, to), to < all.size());
  }
}
