package io.penstock.infra.costs;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A table for people: the first column to the left, numbers to the right, amounts by their point.
 */
final class Columns {
  private static final String BETWEEN = "  ";

  private final List<String> heads;
  private final List<List<Object>> rows = new ArrayList<>();

  Columns(String... heads) {
    this.heads = List.of(heads);
  }

  /** A row: texts, counts ({@link Long}) and dollar amounts ({@link BigDecimal}). */
  void add(Object... cells) {
    rows.add(List.of(cells));
  }

  String text() {
    var columns = new ArrayList<List<String>>();
    for (int i = 0; i < heads.size(); i++) {
      columns.add(column(i));
    }
    var text = new StringBuilder();
    for (int row = 0; row <= rows.size(); row++) {
      var line = new StringBuilder();
      for (List<String> column : columns) {
        line.append(line.isEmpty() ? "" : BETWEEN).append(column.get(row));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private List<String> column(int index) {
    int decimals =
        rows.stream()
            .map(row -> row.get(index))
            .mapToInt(cell -> cell instanceof BigDecimal amount ? scale(amount) : 0)
            .max()
            .orElse(0);
    var cells = new ArrayList<String>(List.of(heads.get(index)));
    rows.forEach(row -> cells.add(cell(row.get(index), decimals)));
    int width = cells.stream().mapToInt(String::length).max().orElse(0);
    return cells.stream()
        .map(cell ->
            index == 0
                ? cell + " ".repeat(width - cell.length())
                : " ".repeat(width - cell.length()) + cell)
        .toList();
  }

  private static int scale(BigDecimal amount) {
    return Math.max(0, amount.stripTrailingZeros().scale());
  }

  private static String cell(Object value, int decimals) {
    return switch (value) {
      case BigDecimal amount -> "$" + amount.setScale(decimals).toPlainString();
      case Number count -> String.format(Locale.ROOT, "%,d", count);
      default -> value.toString();
    };
  }
}
