package io.penstock.policies.cost;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;

/**
 * Times at which other rates hold. All in UTC.
 *
 * @param hours when on a day
 * @param days on which weekdays
 * @param except dates on which it does not hold for once, such as holidays
 * @param rates over the row's own
 * @param tiers instead of the row's own
 */
public record Window(
    List<Hours> hours,
    Set<DayOfWeek> days,
    Set<LocalDate> except,
    Rates rates,
    List<Price.Tier> tiers) {

  /**
   * A part of a day.
   *
   * @param fromMinute of the day, inclusive
   * @param toMinute of the day, exclusive; up to 1,440
   */
  public record Hours(int fromMinute, int toMinute) {
    static final int DAY = 24 * 60;

    public Hours {
      if (fromMinute < 0 || toMinute > DAY || fromMinute >= toMinute) {
        throw new IllegalArgumentException("hours begin before they end, within one day");
      }
    }

    private boolean holdsAt(LocalTime time) {
      int minute = time.getHour() * 60 + time.getMinute();
      return minute >= fromMinute && minute < toMinute;
    }
  }

  public Window {
    hours = List.copyOf(hours);
    days = Set.copyOf(days);
    except = Set.copyOf(except);
    tiers = Price.Tier.ascending(tiers);
  }

  boolean holdsAt(Instant instant) {
    OffsetDateTime at = instant.atOffset(ZoneOffset.UTC);
    return days.contains(at.getDayOfWeek())
        && !except.contains(at.toLocalDate())
        && hours.stream().anyMatch(part -> part.holdsAt(at.toLocalTime()));
  }
}
