package io.penstock.embedded.simulator;

import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list, newest first.
 *
 * @param more whether there is more behind it, in the direction in which it was asked for
 */
record Page<T>(List<T> rows, boolean more) {
  Page {
    rows = List.copyOf(rows);
  }

  /**
   * Reads which part a caller wants, and gives it.
   *
   * @param byId ids rise with age's opposite: the newest has the last
   * @param after name of the parameter after which, in the list, the page begins
   * @param before name of the one before which it ends; null where there is none
   * @param usual rows of a page of which nothing else is said
   */
  static <T> Page<T> of(
      Context context,
      NavigableMap<String, T> byId,
      String after,
      @Nullable String before,
      int usual,
      int most)
      throws WrongRequestException {
    int limit = limit(context, usual, most);
    String end = before == null ? null : context.queryParam(before);
    if (end != null) {
      List<T> newer = new ArrayList<>(byId.tailMap(end, false).values());
      int rows = Math.min(limit, newer.size());
      return new Page<>(newer.subList(0, rows).reversed(), newer.size() > rows);
    }
    NavigableMap<String, T> older =
        Optional.ofNullable(context.queryParam(after))
            .map(id -> byId.headMap(id, false))
            .orElse(byId);
    List<T> rows = older.descendingMap().values().stream().limit(limit + 1L).toList();
    return new Page<>(rows.subList(0, Math.min(limit, rows.size())), rows.size() > limit);
  }

  private static int limit(Context context, int usual, int most) throws WrongRequestException {
    String limit = context.queryParam("limit");
    if (limit == null) {
      return usual;
    }
    try {
      int rows = Integer.parseInt(limit);
      if (rows >= 1 && rows <= most) {
        return rows;
      }
    } catch (NumberFormatException e) {
      // Refused below, as any other limit that does not fit.
    }
    throw WrongRequestException.at(
        "limit", "limit is " + limit + ": give a whole number from 1 to " + most);
  }
}
