package io.penstock.ingress.batches;

import io.penstock.ingress.face.Face;
import io.penstock.ingress.files.FileLines;
import io.penstock.ingress.files.FileReading;
import io.penstock.ingress.json.Bodies;
import io.penstock.ingress.json.Faults;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Wishes;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.BatchFault;
import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Makes requests of the lines of one batch, as often as they are needed: the file is read again
 * rather than kept. A line is the same request each time, under an idempotency key of its own, so
 * that it may be sent by one instance after the other and is answered once. One thread.
 */
final class LineReader {
  /** The tag by which the ledger tells what a batch cost. */
  static final String BATCH_TAG = "batch_id";

  private static final int MOST_FAULTS = 100;
  private static final Failure NOT_STREAMED =
      Reason.INVALID_VALUE.because("what is asked in a batch is not streamed", "stream");

  private final BatchDesk desk;
  private final BatchOrder order;
  private final Face face;
  private final Wishes wishes;

  LineReader(BatchDesk desk, BatchOrder order, Face face) {
    this.desk = desk;
    this.order = order;
    this.face = face;
    this.wishes =
        new Wishes(
            Lane.BATCH,
            null,
            Duration.between(order.getCreatedAt(), order.getDeadlineAt()),
            null,
            Map.of(BATCH_TAG, order.getId()));
  }

  /** What came of a first look at the file. */
  sealed interface Inspection {
    record Sound(Lines lines) implements Inspection {}

    record Unsound(List<BatchFault> faults) implements Inspection {}
  }

  /** There is no room to read a line in: worth trying again. */
  static final class NoRoomException extends RuntimeException {
    private NoRoomException() {
      super("no room for a line: more is being taken in than fits", null, false, false);
    }
  }

  /** Looks at every line. What is wrong with a body is its line's affair, and nobody else's. */
  Inspection inspect() throws InterruptedException {
    var customIds = new ArrayList<String>();
    var ids = new ArrayList<String>();
    var refused = new HashMap<Integer, Failure>();
    var seen = new HashSet<String>();
    var faults = new ArrayList<BatchFault>();
    each((line, number) -> {
      if (customIds.size() == desk.limits().mostLines()) {
        faults.add(tooMany(number));
        return false;
      }
      switch (read(line, number)) {
        case Looked.Faulty(BatchFault fault) -> faults.add(fault);
        case Looked.Line(String customId, _) when !seen.add(customId) ->
            faults.add(repeated(customId, number));
        case Looked.Line(String customId, Reading<InferenceBody> body) -> {
          switch (request(body, customIds.size())) {
            case Reading.Read<InferenceRequest>(InferenceRequest request) ->
                ids.add(request.getId());
            case Reading.Refused<InferenceRequest>(Failure failure) -> {
              ids.add("");
              refused.put(customIds.size(), failure);
            }
          }
          customIds.add(customId);
        }
      }
      return faults.size() < MOST_FAULTS;
    });
    if (faults.isEmpty() && customIds.isEmpty()) {
      faults.add(
          new BatchFault(
              "empty_file", "the input file has no line: send one request a line", null, null));
    }
    return faults.isEmpty()
        ? new Inspection.Sound(new Lines(customIds, ids, refused))
        : new Inspection.Unsound(faults);
  }

  /** Takes one line after the other. */
  interface Taker {
    /**
     * @param line its place, from 0
     * @return whether to go on
     */
    boolean take(int line, InferenceRequest request) throws InterruptedException;
  }

  /** Makes requests of some of the lines of a file that was found sound. */
  void each(IntPredicate wanted, Taker taker) throws InterruptedException {
    var at = new int[] {0};
    each((bytes, number) -> {
      int line = at[0]++;
      if (!wanted.test(line)) {
        return true;
      }
      if (read(bytes, number) instanceof Looked.Line(_, Reading<InferenceBody> body)
          && request(body, line) instanceof Reading.Read<InferenceRequest>(var request)) {
        return taker.take(line, request);
      }
      return true;
    });
  }

  private void each(FileLines.Taker taker) throws InterruptedException {
    try (FileReading file = desk.files().read(order.getInput())) {
      FileLines.each(file, Bodies.LARGEST_INFERENCE_BYTES, taker);
    }
  }

  private sealed interface Looked {
    record Line(String customId, Reading<InferenceBody> body) implements Looked {}

    record Faulty(BatchFault fault) implements Looked {}
  }

  private Looked read(byte[] line, int number) {
    try (var room = desk.rooms().get()) {
      return switch (BatchLine.read(line, number, order.getEndpoint(), room)) {
        case BatchLine.NoRoom() -> throw new NoRoomException();
        case BatchLine.Faulty(BatchFault fault) -> new Looked.Faulty(fault);
        case BatchLine.Asked(String customId, byte[] body) ->
            new Looked.Line(customId, face.read(body, room));
      };
    }
  }

  private Reading<InferenceRequest> request(Reading<InferenceBody> read, int line) {
    return switch (read) {
      case Reading.Refused<InferenceBody>(Failure failure)
          when failure.getCode().equals(Reason.OVERLOADED.code()) ->
          throw new NoRoomException();
      case Reading.Refused<InferenceBody>(Failure failure) -> new Reading.Refused<>(failure);
      case Reading.Read<InferenceBody>(InferenceBody body) when body.streams() ->
          new Reading.Refused<>(NOT_STREAMED);
      case Reading.Read<InferenceBody>(InferenceBody body) ->
          desk.admitting().admit(body.with(wishes), order, order.getId() + "-" + line);
    };
  }

  private static BatchFault repeated(String customId, int number) {
    return new BatchFault(
        "duplicate_custom_id",
        "the custom_id \"" + Faults.excerpt(customId) + "\" stands on an earlier line as well",
        "custom_id",
        number);
  }

  private BatchFault tooMany(int number) {
    return new BatchFault(
        "too_many_lines",
        "a batch has at most " + desk.limits().mostLines() + " lines: split the file",
        null,
        number);
  }
}
