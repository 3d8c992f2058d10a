package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What one service tier of a model costs (docs/measurements.md, Providers §5.1).
 *
 * @param tiers by rising threshold; the last one that is passed prices the whole call
 * @param windows times at which other rates hold; the first that holds counts
 */
record PriceList(Rates base, List<Tier> tiers, List<Window> windows) {
  /** Bills are in millionths of a millionth of a dollar. */
  private static final int BILLED_DIGITS = 12;

  PriceList {
    tiers = List.copyOf(tiers);
    windows = List.copyOf(windows);
    if (base.input() == null || base.output() == null) {
      throw new IllegalArgumentException("there is no price for input or output");
    }
  }

  /**
   * Rates of a call that reads many tokens.
   *
   * @param inclusive whether they hold at the threshold already, not only above it
   */
  record Tier(long threshold, boolean inclusive, Rates rates) {
    boolean holdsFor(long tokens) {
      return inclusive ? tokens >= threshold : tokens > threshold;
    }
  }

  /**
   * Times, in UTC, at which other rates hold.
   *
   * @param tiers instead of the usual ones
   */
  record Window(
      List<Hours> hours,
      Set<DayOfWeek> days,
      Set<LocalDate> except,
      Rates rates,
      List<Tier> tiers) {
    Window {
      hours = List.copyOf(hours);
      days = Set.copyOf(days);
      except = Set.copyOf(except);
      tiers = List.copyOf(tiers);
    }

    boolean holdsAt(Instant moment) {
      OffsetDateTime utc = moment.atOffset(ZoneOffset.UTC);
      return days.contains(utc.getDayOfWeek())
          && !except.contains(utc.toLocalDate())
          && hours.stream().anyMatch(part -> part.contains(utc.toLocalTime()));
    }
  }

  /** A part of a day, in minutes from its beginning; the last is not in it. */
  record Hours(int from, int to) {
    static Hours parse(String text) {
      String[] ends = text.split("-", 2);
      return new Hours(minute(ends[0]), minute(ends[1]));
    }

    private static int minute(String clock) {
      return clock.equals("24:00") ? 24 * 60 : LocalTime.parse(clock).toSecondOfDay() / 60;
    }

    boolean contains(LocalTime time) {
      int minute = time.toSecondOfDay() / 60;
      return minute >= from && minute < to;
    }
  }

  static PriceList of(JsonNode row) {
    List<Window> windows = new ArrayList<>();
    for (JsonNode window : row.path("windows")) {
      windows.add(window(window));
    }
    return new PriceList(Rates.of(row.required("usd_per_mtok")), tiers(row.path("tiers")), windows);
  }

  private static Window window(JsonNode window) {
    List<Hours> hours = new ArrayList<>();
    window.required("hours_utc").forEach(text -> hours.add(Hours.parse(text.textValue())));
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (DayOfWeek day : DayOfWeek.values()) {
      String word = day.name().substring(0, 3).toLowerCase(Locale.ROOT);
      for (JsonNode named : window.path("weekdays")) {
        if (named.asText().equals(word)) {
          days.add(day);
        }
      }
    }
    Set<LocalDate> except = new HashSet<>();
    window.path("except").forEach(date -> except.add(LocalDate.parse(date.textValue())));
    return new Window(
        hours,
        window.has("weekdays") ? days : EnumSet.allOf(DayOfWeek.class),
        except,
        Rates.of(window.required("usd_per_mtok")),
        tiers(window.path("tiers")));
  }

  private static List<Tier> tiers(JsonNode tiers) {
    List<Tier> sorted = new ArrayList<>();
    for (JsonNode tier : tiers) {
      sorted.add(
          new Tier(
              tier.required("above_input_tokens").longValue(),
              tier.path("inclusive").asBoolean(),
              Rates.of(tier.required("usd_per_mtok"))));
    }
    sorted.sort(Comparator.comparingLong(Tier::threshold));
    return sorted;
  }

  /** Dollars for a call that begins at {@code at}, times {@code share}. */
  BigDecimal cost(TokenUse use, Instant at, BigDecimal share) {
    Window window = windows.stream().filter(w -> w.holdsAt(at)).findFirst().orElse(null);
    Rates usual = window == null ? base : window.rates().over(base);
    Rates rates = usual;
    for (Tier tier : window == null ? tiers : window.tiers()) {
      if (tier.holdsFor(use.totalInput())) {
        rates = tier.rates().over(usual);
      }
    }
    return rates.cost(use).multiply(share).setScale(BILLED_DIGITS, RoundingMode.HALF_UP);
  }
}
