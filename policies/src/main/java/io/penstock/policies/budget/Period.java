package io.penstock.policies.budget;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How often a budget begins anew; days and months are those of UTC. */
public enum Period {
  TOTAL,
  DAY,
  MONTH;

  /**
   * One turn of a period.
   *
   * @param name its day or month, as ISO 8601 writes it
   * @param beginsAt null when it has no beginning
   * @param endsAt exclusive; null when it never ends
   */
  public record Window(String name, @Nullable Instant beginsAt, @Nullable Instant endsAt) {}

  /** The window in which an instant lies. */
  public Window at(Instant instant) {
    LocalDate day = LocalDate.ofInstant(instant, ZoneOffset.UTC);
    return switch (this) {
      case TOTAL -> new Window("ever", null, null);
      case DAY -> new Window(day.toString(), start(day), start(day.plusDays(1)));
      case MONTH -> {
        YearMonth month = YearMonth.from(day);
        yield new Window(
            month.toString(), start(month.atDay(1)), start(month.plusMonths(1).atDay(1)));
      }
    };
  }

  /** The word for it in configuration and records. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Instant start(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
