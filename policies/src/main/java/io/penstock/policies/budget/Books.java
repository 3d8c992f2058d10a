package io.penstock.policies.budget;

import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.Slice;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A shelf with its notes: sums by pot, who waits, and what may be forgotten when. Whoever writes a
 * reservation here changes the notes with it.
 */
record Books(Shelf shelf) {
  private static final int DIGITS = 16;
  private static final int HEXADECIMAL = 16;

  static final String LINES = "lines/";
  static final String EXPIRES = "expires/";
  static final String DUE = "due/";
  static final String TOUCHED = "touched/";

  /** The note of somebody who waits says how much for, and this, for a note is never 0. */
  static final long PRESENT = 1;

  private static final String WAITING = "waiting/";
  private static final String PENDING = "pending/";
  private static final String CHARGED = "charged/";
  private static final String RESERVED = "reserved/";

  void open(List<Pot> pots) {
    for (Pot pot : pots) {
      if (shelf.slice(pot.id()) == null) {
        shelf.put(pot.unopened());
      }
    }
  }

  void write(String place, @Nullable Reservation before, @Nullable Reservation next) {
    if (Objects.equals(before, next)) {
      return;
    }
    if (next == null) {
      shelf.drop(place);
    } else {
      shelf.put(place, next);
    }
    if (before != null) {
      noteDown(place, before, -1);
    }
    if (next != null) {
      noteDown(place, next, 1);
    }
  }

  void noteDown(String place, Reservation r, int sign) {
    long charged = Reservations.charged(r);
    long reserved = Reservations.reserved(r);
    potsOf(r)
        .forEach(pot -> {
          add(CHARGED + pot, sign * charged);
          shelf.note(TOUCHED + pot, 1);
        });
    r.getPots().forEach(pot -> add(RESERVED + pot, sign * reserved));
    long present = sign > 0 ? 1 : 0;
    switch (r.getStage()) {
      case WAITING -> {
        long amount = Objects.requireNonNullElse(r.getAmountPicoUsd(), 0L);
        String line = lineOf(r);
        String note = named(waitingIn(line), r.getSince(), place);
        add(LINES + line, present - Math.min(PRESENT, shelf.note(note)));
        shelf.note(note, present * (amount + PRESENT));
        shelf.note(named(EXPIRES, r.getDeadlineAt(), place), present);
        r.getPots().forEach(pot -> add(PENDING + pot, sign * amount));
      }
      case OPEN -> {}
      case SETTLED -> shelf.note(named(DUE, Reservations.forgetAt(r), place), present);
    }
  }

  private void add(String note, long more) {
    if (more != 0) {
      shelf.note(note, shelf.note(note) + more);
    }
  }

  List<Purse> pursesOf(Reservation reservation) {
    return reservation.getPots().stream()
        .map(shelf::slice)
        .filter(Objects::nonNull)
        .map(this::purse)
        .toList();
  }

  Purse purse(Pot pot) {
    Slice slice = shelf.slice(pot.id());
    return purse(slice == null ? pot.unopened() : slice);
  }

  Purse purse(Slice slice) {
    return new Purse(
        slice, shelf.note(CHARGED + slice.getPot()), shelf.note(RESERVED + slice.getPot()));
  }

  static List<String> potsOf(Reservation r) {
    return Stream.concat(r.getPots().stream(), r.getCounted().stream()).toList();
  }

  static String foldedId(String place, Reservation r) {
    return place + "@" + r.getSettledAt();
  }

  private static String named(String kind, Instant at, String place) {
    return kind + String.format("%0" + DIGITS + "x", at.toEpochMilli()) + "/" + place;
  }

  /** Who waits for the same pots as this one. */
  static String lineOf(Reservation r) {
    return String.join(" ", r.getPots());
  }

  /** How the notes begin of those who wait in a line; no line's is how another's begin. */
  static String waitingIn(String line) {
    return WAITING + line.length() + ":" + line + "/";
  }

  static Instant timeOf(String note, String kind) {
    return Instant.ofEpochMilli(
        Long.parseLong(note, kind.length(), kind.length() + DIGITS, HEXADECIMAL));
  }

  static String placeOf(String note, String kind) {
    return note.substring(kind.length() + DIGITS + 1);
  }

  /** What those who wait want of a pot. */
  long awaited(String pot) {
    return shelf.note(PENDING + pot);
  }
}
