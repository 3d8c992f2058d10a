package io.penstock.policies.batch;

import io.penstock.schemas.avro.JobItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Dispatches that wait until there is a job of them: until it is full, old, or left alone for a
 * while, or one of them runs out of time. For one thread; time only ever comes from outside.
 */
public final class Gathering {
  private final JobRules rules;
  private final TreeMap<Long, JobItem> items = new TreeMap<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private long bytes;
  private Instant latest = Instant.EPOCH;
  private Instant earliestDeadline = Instant.MAX;

  /** Why a job is sealed. */
  public enum Cause {
    FULL,
    LARGE,
    AGED,
    IDLE,
    PRESSED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A job to hand in: its dispatches by offset. */
  public record Sealed(Cause cause, List<JobItem> items) {
    public Sealed {
      items = List.copyOf(items);
    }
  }

  public Gathering(JobRules rules) {
    this.rules = rules;
  }

  /** A dispatch comes; one that was dispatched again takes the place of its former self. */
  public void arrive(JobItem item) {
    leave(item.getDispatchId());
    items.put(item.getOffset(), item);
    offsets.put(item.getDispatchId(), item.getOffset());
    bytes += item.getBytes();
    latest = item.getSince().isAfter(latest) ? item.getSince() : latest;
    earliestDeadline =
        item.getDeadlineAt().isBefore(earliestDeadline) ? item.getDeadlineAt() : earliestDeadline;
  }

  /** A dispatch is not wanted any more; empty when it does not wait here. */
  public Optional<JobItem> leave(String dispatchId) {
    Long offset = offsets.remove(dispatchId);
    if (offset == null) {
      return Optional.empty();
    }
    JobItem item = Objects.requireNonNull(items.remove(offset), "whoever has a place is there");
    bytes -= item.getBytes();
    if (items.isEmpty()) {
      earliestDeadline =
          Instant.MAX; // Of some only: to take one for pressed that left does no harm.
    }
    return Optional.of(item);
  }

  public boolean isEmpty() {
    return items.isEmpty();
  }

  /** The job that is to be handed in now, if there is one; its dispatches wait no longer. */
  public Optional<Sealed> look(Instant now) {
    Optional<Cause> cause = cause(now);
    if (cause.isEmpty()) {
      return Optional.empty();
    }
    var lines = new ArrayList<JobItem>();
    long size = 0;
    for (JobItem item : items.values()) {
      boolean fits = lines.size() < rules.most() && size + item.getBytes() <= rules.mostBytes();
      if (!lines.isEmpty() && !fits) {
        break;
      }
      lines.add(item);
      size += item.getBytes();
    }
    lines.forEach(item -> leave(item.getDispatchId()));
    return Optional.of(new Sealed(cause.get(), lines));
  }

  /** When {@link #look} next has something to say unless somebody comes; empty for never. */
  public Optional<Instant> nextLook() {
    if (items.isEmpty()) {
      return Optional.empty();
    }
    return items.size() >= rules.most() || bytes >= rules.mostBytes()
        ? Optional.of(Instant.EPOCH)
        : Stream.of(pressedAt(), agedAt(), latest.plus(rules.idle())).min(Instant::compareTo);
  }

  private Optional<Cause> cause(Instant now) {
    if (items.isEmpty()) {
      return Optional.empty();
    }
    if (items.size() >= rules.most()) {
      return Optional.of(Cause.FULL);
    }
    if (bytes >= rules.mostBytes()) {
      return Optional.of(Cause.LARGE);
    }
    if (over(pressedAt(), now)) {
      return Optional.of(Cause.PRESSED);
    }
    if (over(agedAt(), now)) {
      return Optional.of(Cause.AGED);
    }
    return over(latest.plus(rules.idle()), now) ? Optional.of(Cause.IDLE) : Optional.empty();
  }

  private Instant pressedAt() {
    return earliestDeadline.equals(Instant.MAX)
        ? Instant.MAX
        : earliestDeadline.minus(rules.shortest());
  }

  private Instant agedAt() {
    return items.firstEntry().getValue().getSince().plus(rules.age());
  }

  private static boolean over(Instant at, Instant now) {
    return !at.isAfter(now);
  }
}
