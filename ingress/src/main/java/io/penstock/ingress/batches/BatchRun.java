package io.penstock.ingress.batches;

import io.penstock.client.ClientException;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.files.FileException;
import io.penstock.ingress.status.Place;
import io.penstock.schemas.avro.BatchFault;
import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.BatchProgress;
import io.penstock.schemas.avro.BatchStage;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One batch from its file to its results, or from wherever another instance left it: which lines
 * have ended is read from the responses on the log, the others are sent, and sent again harmlessly
 * if they had been. One thread; it may be interrupted at any time.
 */
final class BatchRun {
  private static final Logger LOG = LoggerFactory.getLogger(BatchRun.class);
  private static final Duration TELL_EVERY = Duration.ofSeconds(1);
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST_UNACKNOWLEDGED = 1_000;

  private final BatchDesk desk;
  private final Ears ears;
  private final BatchOrder order;
  private final Face face;
  private final LineReader reader;
  private final BitSet sent = new BitSet();
  private @Nullable Instant begunAt;
  private @Nullable Instant finalizingAt;
  private long toldAt = System.nanoTime();
  private BatchProgress told;

  /**
   * @param face in which the lines are written
   */
  BatchRun(BatchDesk desk, Ears ears, BatchOrder order, Face face) {
    this.desk = desk;
    this.ears = ears;
    this.order = order;
    this.face = face;
    this.reader = new LineReader(desk, order, face);
    this.told = bare(BatchStage.VALIDATING);
  }

  /**
   * Carries the batch out.
   *
   * @throws RuntimeException when something is out of reach; begin again later
   */
  void run() throws InterruptedException {
    await(desk.view().catchUp(PATIENCE), "the batches topic");
    Batch batch = desk.view().batch(order.getId()).orElse(null);
    if (batch == null || batch.over()) {
      return;
    }
    try {
      switch (reader.inspect()) {
        case LineReader.Inspection.Unsound(List<BatchFault> faults) -> fail(faults);
        case LineReader.Inspection.Sound(Lines lines) -> carryOut(lines, batch.progress());
      }
    } catch (FileException.Gone e) {
      fail(
          List.of(
              new BatchFault("input_file_gone", e.getMessage() + ": upload it again", null, null)));
    }
  }

  private void fail(List<BatchFault> faults) throws InterruptedException {
    Instant now = desk.clock().instant();
    tellForSure(
        BatchProgress.newBuilder(bare(BatchStage.FAILED))
            .setFaults(faults)
            .setEndedAt(now)
            .build());
  }

  private void carryOut(Lines lines, @Nullable BatchProgress before) throws InterruptedException {
    var tally = new Tally(lines);
    ears.add(order.getTenant(), lines, tally);
    try {
      if (before != null) {
        begunAt = before.getInProgressAt();
        recall(lines, tally);
      }
      begunAt = begunAt == null ? desk.clock().instant() : begunAt;
      tellForSure(progress(BatchStage.IN_PROGRESS, lines, tally));
      if (!cancelled()) {
        send(lines, tally);
      }
      awaitTheRest(lines, tally, before != null);
      finish(lines, tally);
    } finally {
      ears.remove(lines);
    }
  }

  /** What ended while somebody else ran the batch, or nobody did. */
  private void recall(Lines lines, Tally tally) {
    await(desk.status().catchUp(PATIENCE), "the responses");
    var byPlace = new HashMap<Place, Integer>();
    for (int line = 0; line < lines.count(); line++) {
      if (tally.isOpen(line)) {
        int its = line;
        desk.status().place(lines.ids().get(line)).ifPresent(place -> byPlace.put(place, its));
      }
    }
    desk.status()
        .scan()
        .each(
            new ArrayList<>(byPlace.keySet()),
            (place, response) -> {
              Integer line = byPlace.get(place);
              if (response != null
                  && line != null
                  && response.getTenant().equals(order.getTenant())) {
                tally.ended(line, response, place);
              }
            });
    LOG.info("{} goes on: {} of {} lines had ended", order.getId(), byPlace.size(), lines.count());
  }

  /** The log is the queue: every line is sent as soon as it is taken. */
  private void send(Lines lines, Tally tally) throws InterruptedException {
    var missing = new BitSet();
    missing.set(0, lines.count());
    while (!missing.isEmpty() && goesOn(lines, tally)) {
      BitSet due = (BitSet) missing.clone();
      missing.clear();
      send(due, lines, tally, missing);
      if (!missing.isEmpty()) {
        LOG.warn("{}: {} lines are to be sent again", order.getId(), missing.cardinality());
        Thread.sleep(TELL_EVERY);
      }
    }
  }

  private void send(BitSet due, Lines lines, Tally tally, BitSet missing)
      throws InterruptedException {
    Deque<Map.Entry<Integer, CompletableFuture<Void>>> underWay = new ArrayDeque<>();
    reader.each(
        line -> due.get(line) && tally.isOpen(line),
        (line, request) -> {
          if (underWay.size() == MOST_UNACKNOWLEDGED) {
            settle(underWay.remove(), missing);
          }
          sent.set(line);
          underWay.add(Map.entry(line, desk.client().publish(Lane.BATCH, request, PATIENCE)));
          return goesOn(lines, tally);
        });
    while (!underWay.isEmpty()) {
      settle(underWay.remove(), missing);
    }
  }

  private static void settle(Map.Entry<Integer, CompletableFuture<Void>> line, BitSet missing)
      throws InterruptedException {
    try {
      line.getValue().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ClientException.Closed closed) {
        throw closed;
      }
      missing.set(line.getKey());
    }
  }

  /** Tells how it stands from time to time; false when nothing more is to be sent. */
  private boolean goesOn(Lines lines, Tally tally) {
    if (System.nanoTime() - toldAt > TELL_EVERY.toNanos()) {
      tellAsItStands(lines, tally);
      return !cancelled() && desk.clock().instant().isBefore(order.getDeadlineAt());
    }
    return true;
  }

  private boolean cancelled() {
    return cancelledAt() != null;
  }

  private @Nullable Instant cancelledAt() {
    return desk.view().batch(order.getId()).map(Batch::cancelledAt).orElse(null);
  }

  /**
   * @param resumed whether another may have sent lines, so that nobody knows which
   */
  private void awaitTheRest(Lines lines, Tally tally, boolean resumed) throws InterruptedException {
    // A call that has begun by the deadline may end a little later, and is an answer.
    Instant last = order.getDeadlineAt().plus(desk.limits().partingTime());
    while (!tally.awaitEnd(LOOK_EVERY)) {
      if (System.nanoTime() - toldAt > TELL_EVERY.toNanos()) {
        tellAsItStands(lines, tally);
      }
      if (cancelled()) {
        withdraw(lines, tally, resumed);
        return;
      }
      if (desk.clock().instant().isAfter(last)) {
        tally.expireOpen();
        return;
      }
    }
  }

  /** Whoever is told in time that nobody wants an answer makes no call. */
  private void withdraw(Lines lines, Tally tally, boolean resumed) throws InterruptedException {
    Instant at = desk.clock().instant();
    var underWay = new ArrayDeque<CompletableFuture<Void>>();
    reader.each(
        line -> tally.isOpen(line) && (resumed || sent.get(line)),
        (_, request) -> {
          if (underWay.size() == MOST_UNACKNOWLEDGED) {
            settle(underWay.remove());
          }
          underWay.add(withdraw(request, at));
          return true;
        });
    while (!underWay.isEmpty()) {
      settle(underWay.remove());
    }
    long until = System.nanoTime() + desk.limits().partingTime().toNanos();
    while (System.nanoTime() - until < 0 && anyUnderWay(lines, tally, resumed)) {
      if (tally.awaitEnd(LOOK_EVERY)) {
        return;
      }
    }
  }

  private CompletableFuture<Void> withdraw(InferenceRequest request, Instant at) {
    return desk.client().withdraw(request, at);
  }

  private void settle(CompletableFuture<Void> withdrawn) throws InterruptedException {
    try {
      withdrawn.get();
    } catch (ExecutionException e) { // a hint that did not come through
      LOG.warn("{}: a line could not be withdrawn: {}", order.getId(), e.getCause());
    }
  }

  private boolean anyUnderWay(Lines lines, Tally tally, boolean resumed) {
    for (int line = 0; line < lines.count(); line++) {
      if (tally.isOpen(line) && (resumed || sent.get(line))) {
        return true;
      }
    }
    return false;
  }

  private void finish(Lines lines, Tally tally) throws InterruptedException {
    finalizingAt = desk.clock().instant();
    BatchStage end;
    if (cancelled()) {
      end = BatchStage.CANCELLED;
    } else {
      end =
          tally.any(fate -> fate == Tally.Fate.EXPIRED) ? BatchStage.EXPIRED : BatchStage.COMPLETED;
    }
    tellForSure(progress(BatchStage.FINALIZING, lines, tally));
    tally.close(); // what ends from here on is in neither the files nor the counts
    BatchProgress sums = progress(end, lines, tally);
    var files = new Results(desk, order, face, lines, tally).write();
    tellForSure(
        BatchProgress.newBuilder(sums)
            .setOutput(files.answers())
            .setErrors(files.errors())
            .setEndedAt(desk.clock().instant())
            .build());
  }

  private BatchProgress bare(BatchStage stage) {
    return BatchProgress.newBuilder()
        .setId(order.getId())
        .setStage(stage)
        .setUsage(new Usage(0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L))
        .setAt(desk.clock().instant())
        .build();
  }

  private BatchProgress progress(BatchStage stage, Lines lines, Tally tally) {
    Tally.Sums sums = tally.sums();
    return new BatchProgress(
        order.getId(),
        stage,
        lines.count(),
        sums.completed(),
        sums.failed(),
        sums.usage(),
        sums.spent(),
        sums.avoided(),
        sums.unpriced(),
        sums.servedBy(),
        List.of(),
        null,
        null,
        begunAt,
        finalizingAt,
        null,
        desk.clock().instant());
  }

  /** A reading that does not come through is made good by the next. */
  private void tellAsItStands(Lines lines, Tally tally) {
    toldAt = System.nanoTime();
    BatchProgress now = progress(BatchStage.IN_PROGRESS, lines, tally);
    if (now.getCompleted() != told.getCompleted() || now.getFailed() != told.getFailed()) {
      told = now;
      var _ = desk.records().progressed(now);
    }
  }

  private void tellForSure(BatchProgress progress) throws InterruptedException {
    try {
      desk.records().progressed(progress).get();
      told = progress;
      toldAt = System.nanoTime();
    } catch (ExecutionException e) {
      throw new IllegalStateException("how a batch stands could not be stored", e.getCause());
    }
  }

  private static void await(boolean read, String what) {
    if (!read) {
      throw new IllegalStateException(what + " cannot be read just now");
    }
  }
}
