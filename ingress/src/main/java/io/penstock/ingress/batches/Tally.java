package io.penstock.ingress.batches;

import io.penstock.ingress.status.Place;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Status;
import io.penstock.schemas.avro.Usage;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What became of each line of a batch so far. A line ends once. Any thread. */
final class Tally {
  private final Fate[] fates;
  private final @Nullable Place[] places;
  private final Map<String, Integer> servedBy = new TreeMap<>();
  private boolean closed;
  private int open;
  private int completed;
  private int failed;
  private Usage usage = new Usage();
  private long spent;
  private long avoided;
  private int unpriced;

  /** What became of a line. */
  enum Fate {
    OPEN,
    COMPLETED,
    FAILED,
    EXPIRED,
    WITHDRAWN
  }

  /** The sums as they stand. */
  record Sums(
      int completed,
      int failed,
      Usage usage,
      long spent,
      long avoided,
      int unpriced,
      Map<String, Integer> servedBy) {}

  Tally(Lines lines) {
    this.fates = new Fate[lines.count()];
    this.places = new Place[lines.count()];
    Arrays.fill(fates, Fate.OPEN);
    lines.refused().keySet().forEach(line -> fates[line] = Fate.FAILED);
    this.failed = lines.refused().size();
    this.open = lines.count() - failed;
  }

  /** A line has its response, which may be told again. */
  synchronized void ended(int line, InferenceResponse response, Place place) {
    if (closed || fates[line] != Fate.OPEN) {
      return;
    }
    places[line] = place;
    end(line, fate(response));
    add(response);
  }

  /** Nobody waits for the open lines any more: their time is over. */
  synchronized void expireOpen() {
    for (int line = 0; line < fates.length; line++) {
      if (fates[line] == Fate.OPEN) {
        end(line, Fate.EXPIRED);
      }
    }
  }

  /** What ends from here on is not counted. */
  synchronized void close() {
    closed = true;
  }

  private static Fate fate(InferenceResponse response) {
    if (response.getStatus() == Status.ANSWERED) {
      return Fate.COMPLETED;
    }
    String code = response.getFailure() == null ? "" : response.getFailure().getCode();
    if (code.equals(Reason.DEADLINE_EXCEEDED.code())) {
      return Fate.EXPIRED;
    }
    return code.equals(Reason.WITHDRAWN.code()) ? Fate.WITHDRAWN : Fate.FAILED;
  }

  private void end(int line, Fate fate) {
    fates[line] = fate;
    open--;
    switch (fate) {
      case COMPLETED -> completed++;
      case FAILED, EXPIRED -> failed++;
      case WITHDRAWN -> {}
      case OPEN -> throw new IllegalArgumentException("open is no end");
    }
    if (open == 0) {
      notifyAll();
    }
  }

  private void add(InferenceResponse response) {
    if (response.getServedBy() != null) {
      servedBy.merge(response.getServedBy().name().toLowerCase(Locale.ROOT), 1, Math::addExact);
    }
    if (response.getUsage() != null) {
      usage = sum(usage, response.getUsage());
    }
    Long cost = response.getSpentPicoUsd();
    Long saved = response.getAvoidedPicoUsd();
    spent += cost == null ? 0 : cost;
    avoided += saved == null ? 0 : saved;
    unpriced += cost == null || saved == null ? 1 : 0;
  }

  private static Usage sum(Usage a, Usage b) {
    return new Usage(
        a.getUncachedInput() + b.getUncachedInput(),
        a.getCacheRead() + b.getCacheRead(),
        a.getCacheWrite() + b.getCacheWrite(),
        a.getCacheWriteLong() + b.getCacheWriteLong(),
        a.getOutput() + b.getOutput(),
        a.getReasoning() + b.getReasoning(),
        a.getAudioInput() + b.getAudioInput(),
        a.getImageInput() + b.getImageInput(),
        a.getAudioOutput() + b.getAudioOutput(),
        a.getWebSearches() + b.getWebSearches());
  }

  synchronized Sums sums() {
    return new Sums(completed, failed, usage, spent, avoided, unpriced, Map.copyOf(servedBy));
  }

  synchronized boolean isOpen(int line) {
    return fates[line] == Fate.OPEN;
  }

  synchronized Fate fateOf(int line) {
    return fates[line];
  }

  synchronized boolean any(Predicate<Fate> fate) {
    return Arrays.stream(fates).anyMatch(fate);
  }

  /** Waits until every line has ended; false when that takes longer. */
  synchronized boolean awaitEnd(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (open > 0) {
      long left = Duration.ofNanos(until - System.nanoTime()).toMillis();
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  /** Lines by the places of their responses. */
  synchronized SortedMap<Place, Integer> byPlace() {
    var byPlace = new TreeMap<Place, Integer>();
    for (int line = 0; line < places.length; line++) {
      Place place = places[line];
      if (place != null) {
        byPlace.put(place, line);
      }
    }
    return byPlace;
  }
}
