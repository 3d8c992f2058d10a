package io.penstock.topology.batch;

import io.penstock.policies.Reason;
import io.penstock.policies.batch.Gathering;
import io.penstock.policies.batch.Jobs;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.DispatchOver;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Job;
import io.penstock.schemas.avro.JobItem;
import io.penstock.schemas.avro.JobLine;
import io.penstock.schemas.avro.JobOver;
import io.penstock.schemas.avro.JobReport;
import io.penstock.schemas.avro.JobStage;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.avro.Waiting;
import io.penstock.schemas.avro.WindowEvent;
import io.penstock.topology.flow.Exits;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Gathers dispatches into jobs for providers' batch APIs and sees each job to its end. It gives
 * tasks to workers and hears their reports; when which is due, the laws say. Used by the stream
 * thread only.
 */
final class JobKeeper {
  /** Many commit intervals: what is read again within them is known. */
  private static final Duration KEPT = Duration.ofSeconds(5);

  /** So long after it began a task may seal what its predecessor had sealed, and given out. */
  private static final Duration DOUBTFUL = Duration.ofMinutes(1);

  private static final Failure WITHDRAWN =
      Reason.WITHDRAWN.because("nobody waited for the answer any more; nothing was called");

  private final Jobs law;
  private final JobShelf shelf;
  private final int partition;
  private final Exits exits;
  private final Instant begunAt;
  private final Map<String, Book> books = new LinkedHashMap<>();
  private final LinkedHashMap<Gone, Instant> gone = new LinkedHashMap<>();

  /** A window: who waits in it for a job, and the jobs made of those who did. */
  private static final class Book {
    final Gathering gathering;
    final Map<String, JobItem> items = new HashMap<>();
    final Map<String, Held> jobs = new HashMap<>();

    Book(Gathering gathering) {
      this.gathering = gathering;
    }

    void mark(JobItem marked) {
      items.put(marked.getDispatchId(), marked);
    }

    Stream<JobItem> itemsOf(Held held) {
      return items.values().stream().filter(item -> held.offsets.contains(item.getOffset()));
    }
  }

  /** A job that is not forgotten yet. */
  private static final class Held {
    final Set<Long> offsets;
    Job job;
    Instant letsGoAt;

    Held(Job job, Instant letsGoAt) {
      this.offsets = job.getLines().stream().map(JobLine::getOffset).collect(Collectors.toSet());
      this.job = job;
      this.letsGoAt = letsGoAt;
    }
  }

  /** Something to forget: an item, or a job with all of its own. */
  private sealed interface Gone {
    record Item(String window, long offset) implements Gone {}

    record Whole(String window, String jobId) implements Gone {}
  }

  /**
   * @param partition of the windows topic, and of the task
   */
  JobKeeper(Jobs law, JobShelf shelf, int partition, Exits exits) {
    this.law = law;
    this.shelf = shelf;
    this.partition = partition;
    this.exits = exits;
    this.begunAt = exits.now();
  }

  /**
   * Something happened in a window.
   *
   * @param offset where the record lies
   * @param bytes its size
   */
  void take(String window, WindowEvent event, long offset, int bytes) {
    switch (event.getEvent()) {
      case Waiting waiting -> arrive(window, waiting, offset, bytes);
      case DispatchOver over -> over(window, over);
      case JobReport report -> reported(window, report);
      default -> throw new IllegalStateException("not of a job's window: " + event.getEvent());
    }
  }

  private void arrive(String window, Waiting waiting, long offset, int bytes) {
    Dispatch dispatch = waiting.getDispatch();
    Book book = book(window);
    JobItem known = book.items.get(dispatch.getId());
    if (known != null && known.getNumber() >= dispatch.getFirstAttempt()) {
      return; // Read again, or handed out again since it was thought to be lost.
    }
    Candidate first = dispatch.getPlan().getFirst();
    var item =
        new JobItem(
            offset,
            dispatch.getId(),
            dispatch.getFingerprint(),
            first.getProvider(),
            first.getModel(),
            dispatch.getFirstAttempt(),
            bytes,
            waiting.getSince(),
            dispatch.getDeadlineAt(),
            dispatch.getBounded(),
            null,
            null);
    shelf.put(window, item);
    book.items.put(item.getDispatchId(), item);
    book.gathering.arrive(item);
    seal(window, book);
  }

  /** Nobody calls for a dispatch from here: it is called for elsewhere, or not wanted any more. */
  private void over(String window, DispatchOver over) {
    Book book = book(window);
    JobItem item = book.items.get(over.getDispatchId());
    if (item == null || item.getWithdrawnAt() != null) {
      return;
    }
    if (over.getAnswered()) {
      if (book.gathering.leave(item.getDispatchId()).isPresent()) {
        book.items.remove(item.getDispatchId());
        shelf.forget(window, item.getOffset());
      }
      return;
    }
    JobItem marked = JobItem.newBuilder(item).setWithdrawnAt(exits.now()).build();
    shelf.put(window, marked);
    book.mark(marked);
    if (book.gathering.leave(marked.getDispatchId()).isEmpty()) {
      book.jobs.values().stream()
          .filter(held -> held.offsets.contains(marked.getOffset()))
          .findFirst()
          .filter(held -> book.itemsOf(held).allMatch(each -> each.getWithdrawnAt() != null))
          .ifPresent(held -> take(book, law.unwanted(held.job, exits.now())));
      return;
    }
    gone.put(new Gone.Item(window, marked.getOffset()), exits.now());
    drop(marked);
  }

  private void drop(JobItem item) {
    exits.dropped(item.getFingerprint(), new DispatchDropped(item.getDispatchId(), WITHDRAWN));
  }

  private void reported(String window, JobReport report) {
    Book book = book(window);
    Held held = book.jobs.get(report.getJobId());
    if (held == null) {
      return; // It is over and forgotten.
    }
    if (held.job.getStage() != JobStage.OVER && report.getOutcome() instanceof JobOver over) {
      exits.jobOver(held.job.getProvider(), over);
    }
    take(book, law.reported(held.job, report, exits.now()));
  }

  private void take(Book book, Jobs.Next next) {
    Job job = next.job();
    Held held = book.jobs.computeIfAbsent(job.getId(), id -> new Held(job, law.letGoAt(job)));
    held.job = job;
    shelf.put(job);
    JobTask task = next.task();
    if (task != null) {
      exits.task(task);
    }
    if (job.getStage() == JobStage.OVER) {
      gone.putIfAbsent(new Gone.Whole(job.getWindow(), job.getId()), exits.now());
    }
  }

  private void seal(String window, Book book) {
    for (Optional<Gathering.Sealed> sealed = book.gathering.look(exits.now());
        sealed.isPresent();
        sealed = book.gathering.look(exits.now())) {
      List<JobItem> items = sealed.get().items();
      exits.sealed(items.getFirst().getProvider(), sealed.get().cause().word());
      boolean doubtful = exits.now().isBefore(begunAt.plus(DOUBTFUL));
      take(book, law.sealed(window, partition, items, doubtful, exits.now()));
    }
  }

  /** Looks whether anything is due. */
  void look() {
    Instant now = exits.now();
    forget(now);
    books.forEach((window, book) -> {
      if (book.gathering.nextLook().filter(due -> !due.isAfter(now)).isPresent()) {
        seal(window, book);
      }
      for (Held held : book.jobs.values()) {
        if (law.dueAt(held.job).filter(due -> !due.isAfter(now)).isPresent()) {
          take(book, law.due(held.job, now));
        }
        if (held.job.getStage() != JobStage.OVER && !held.letsGoAt.isAfter(now)) {
          letGo(window, book, held, now);
        }
      }
    });
  }

  /** Whoever has no more time than a call takes is called for beside a job that goes on. */
  private void letGo(String window, Book book, Held held, Instant now) {
    int late = 0;
    held.letsGoAt = Instant.MAX;
    for (JobItem item : book.itemsOf(held).toList()) {
      Instant at = law.letGoAt(item);
      if (item.getLetGoAt() != null) {
        continue;
      }
      if (at.isAfter(now)) {
        held.letsGoAt = at.isBefore(held.letsGoAt) ? at : held.letsGoAt;
        continue;
      }
      JobItem marked = JobItem.newBuilder(item).setLetGoAt(now).build();
      shelf.put(window, marked);
      book.mark(marked);
      String attempt = Jobs.lineId(held.job.getId(), item.getOffset());
      exits.letGo(item.getFingerprint(), attempt, item.getDispatchId());
      late++;
    }
    exits.jobLines(held.job.getProvider(), "let_go", late);
  }

  private void forget(Instant now) {
    while (!gone.isEmpty() && !gone.firstEntry().getValue().plus(KEPT).isAfter(now)) {
      switch (gone.pollFirstEntry().getKey()) {
        case Gone.Item(String window, long offset) -> {
          shelf.forget(window, offset);
          book(window).items.values().removeIf(item -> item.getOffset() == offset);
        }
        case Gone.Whole(String window, String jobId) -> {
          Book book = book(window);
          Held held = Objects.requireNonNull(book.jobs.remove(jobId), "what is over was known");
          book.items.values().removeIf(item -> held.offsets.contains(item.getOffset()));
          shelf.forget(held.job);
        }
      }
    }
    books.values().removeIf(book -> book.items.isEmpty() && book.jobs.isEmpty());
  }

  /** Goes on where this task, or its predecessor, came to an end. */
  void takeOver() {
    Instant now = exits.now();
    var sealed = new HashMap<String, Set<Long>>();
    shelf.eachJob(job -> {
      book(job.getWindow()).jobs.put(job.getId(), new Held(job, law.letGoAt(job)));
      Set<Long> lines = sealed.computeIfAbsent(job.getWindow(), each -> new HashSet<>());
      job.getLines().forEach(line -> lines.add(line.getOffset()));
      if (job.getStage() == JobStage.OVER) {
        gone.put(new Gone.Whole(job.getWindow(), job.getId()), now);
      }
    });
    shelf.eachItem((window, item) -> {
      Book book = book(window);
      book.items.merge(item.getDispatchId(), item, JobKeeper::newer);
      if (sealed.getOrDefault(window, Set.of()).contains(item.getOffset())) {
        return;
      }
      if (item.getWithdrawnAt() == null) {
        book.gathering.arrive(item);
      } else {
        gone.put(new Gone.Item(window, item.getOffset()), now);
        drop(item); // Perhaps that was not heard.
      }
    });
  }

  private static JobItem newer(JobItem one, JobItem other) {
    return one.getNumber() > other.getNumber() ? one : other;
  }

  private Book book(String window) {
    return books.computeIfAbsent(window, each -> new Book(new Gathering(law.rules())));
  }
}
