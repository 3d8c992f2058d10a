package io.penstock.policies.cost;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the times at which a window of a price row holds. */
final class WindowFields {
  private static final Set<String> WINDOW =
      Set.of("hours_utc", "weekdays", "except", "usd_per_mtok", "tiers");
  private static final Pattern HOURS = Pattern.compile("(\\d\\d):(\\d\\d)-(\\d\\d):(\\d\\d)");

  private WindowFields() {}

  static Window read(Fields window, Rates rates, List<Price.Tier> tiers) {
    window.refuseOthers(WINDOW);
    return new Window(
        window.texts("hours_utc").stream().map(text -> hours(window, text)).toList(),
        window.has("weekdays") ? days(window) : EnumSet.allOf(DayOfWeek.class),
        window.has("except") ? dates(window) : Set.of(),
        rates,
        tiers);
  }

  private static Window.Hours hours(Fields window, String text) {
    Matcher parts = HOURS.matcher(text);
    try {
      if (parts.matches()) {
        return new Window.Hours(
            minute(parts.group(1), parts.group(2)), minute(parts.group(3), parts.group(4)));
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw window.wrong("hours_utc", "a list of hours within a day, such as 01:00-04:00");
  }

  private static int minute(String hours, String minutes) {
    if (Integer.parseInt(minutes) >= 60) {
      throw new IllegalArgumentException(minutes);
    }
    return Integer.parseInt(hours) * 60 + Integer.parseInt(minutes);
  }

  private static Set<DayOfWeek> days(Fields window) {
    var days = EnumSet.noneOf(DayOfWeek.class);
    for (String word : window.texts("weekdays")) {
      days.add(
          Arrays.stream(DayOfWeek.values())
              .filter(day -> day.name().substring(0, 3).toLowerCase(Locale.ROOT).equals(word))
              .findFirst()
              .orElseThrow(() -> window.wrong("weekdays", "a list of days such as mon")));
    }
    return days;
  }

  private static Set<LocalDate> dates(Fields window) {
    var dates = new HashSet<LocalDate>();
    for (String date : window.texts("except")) {
      try {
        dates.add(LocalDate.parse(date));
      } catch (DateTimeException e) {
        throw window.wrong("except", "a list of dates such as 2026-10-01");
      }
    }
    return dates;
  }
}
