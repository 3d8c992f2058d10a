package io.penstock.workers;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.workers.provider.DeltaSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of one attempt: the first piece goes at once, later ones gather for a moment. Pieces
 * are taken on the thread of the call, and gathered ones may be written on that of the timer.
 */
final class ChunkStream implements DeltaSink, AutoCloseable {
  // Who brings so much at once does not wait for the moment to be over.
  private static final int MOST_GATHERED = 64 * 1024;

  private final ChunkWriter writer;
  private final InferenceRequest leader;
  private final Attempt attempt;
  private final long gatheringNanos;
  private final ScheduledExecutorService timer;

  private final List<Delta> gathered = new ArrayList<>();
  private int characters;
  private int sequence;
  private long writtenAt;
  private boolean lost;
  private @Nullable ScheduledFuture<?> due;

  ChunkStream(
      ChunkWriter writer,
      InferenceRequest leader,
      Attempt attempt,
      Duration gathering,
      ScheduledExecutorService timer) {
    this.writer = writer;
    this.leader = leader;
    this.attempt = attempt;
    this.gatheringNanos = gathering.toNanos();
    this.timer = timer;
  }

  @Override
  public synchronized void take(List<Delta> pieces) {
    if (lost) {
      return;
    }
    gathered.addAll(pieces);
    pieces.forEach(piece -> characters += piece.getText().length());
    long wait = sequence == 0 ? 0 : gatheringNanos - (System.nanoTime() - writtenAt);
    if (wait <= 0 || characters > MOST_GATHERED) {
      write();
    } else if (due == null) {
      due = timer.schedule(this::write, wait, TimeUnit.NANOSECONDS);
    }
  }

  private synchronized void write() {
    if (due != null) {
      due.cancel(false);
      due = null;
    }
    if (gathered.isEmpty() || lost) {
      return;
    }
    var chunk =
        new ResponseChunk(
            leader.getId(),
            leader.getTenant(),
            attempt.getId(),
            sequence++,
            attempt.getProvider(),
            attempt.getModel(),
            joined(gathered));
    gathered.clear();
    characters = 0;
    writtenAt = System.nanoTime();
    // With a gap in them, later chunks would be of no use to anybody.
    lost = !writer.write(leader, chunk);
  }

  /** Neighbours of one part become one piece. */
  private static List<Delta> joined(List<Delta> pieces) {
    var joined = new ArrayList<Delta>();
    var text = new StringBuilder();
    for (int i = 0; i < pieces.size(); i++) {
      Delta first = pieces.get(i);
      text.setLength(0);
      text.append(first.getText());
      while (i + 1 < pieces.size() && continues(first, pieces.get(i + 1))) {
        text.append(pieces.get(++i).getText());
      }
      joined.add(
          new Delta(
              first.getKind(),
              first.getChoice(),
              first.getPart(),
              text.toString(),
              first.getId(),
              first.getName()));
    }
    return joined;
  }

  private static boolean continues(Delta first, Delta next) {
    return next.getKind() == first.getKind()
        && next.getChoice() == first.getChoice()
        && next.getPart() == first.getPart()
        && next.getId() == null
        && next.getName() == null;
  }

  /** Writes what has gathered. */
  @Override
  public void close() {
    write();
  }
}
