package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.policies.stream.Assembly;
import io.penstock.schemas.Limits;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Delta;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events of one streamed answer: hands on its pieces, and knows in the end what came of
 * it. For one thread.
 */
abstract sealed class StreamReader permits OpenAiStream, AnthropicStream {
  private final Question question;
  private final Assembly assembly = new Assembly();
  private Result.@Nullable Failed failure;

  StreamReader(Question question) {
    this.question = question;
  }

  /**
   * Reads an event.
   *
   * @return the pieces in it
   */
  final List<Delta> read(ServerSentEvents.Event event) {
    if (event.data().startsWith("[DONE]")) {
      done();
      return List.of();
    }
    JsonNode data = Json.tree(event.data());
    if (data == null || !data.isObject()) {
      if (event.whole() && !event.data().isBlank()) {
        fail(Result.Failed.garbled("an event that is no JSON object", Bill.NONE));
      }
      return List.of(); // What the end of the connection cut short says nothing.
    }
    if (data.hasNonNull("error")) {
      note(data);
      fail(Refusal.inside(question, data, Bill.NONE));
      return List.of();
    }
    List<Delta> pieces = new ArrayList<>(pieces(data));
    pieces.removeIf(piece -> piece.getText().isEmpty() && piece.getName() == null);
    pieces.forEach(assembly::add);
    if (assembly.bytes() > Limits.LARGEST_TEXT_BYTES) {
      fail(OpenAiAnswer.tooLarge(Bill.NONE));
      return List.of();
    }
    return pieces;
  }

  /** Whether nothing that may follow is worth reading. */
  final boolean over() {
    return failure != null || finished();
  }

  /**
   * What came of it.
   *
   * @param broken why no more of it could be read; null when the stream came to its end
   */
  final Result result(Result.@Nullable Failed broken) {
    if (failure == null && complete()) {
      return answer(); // Whatever happened after its last word.
    }
    Result.Failed failed = failure == null ? broken : failure;
    if (failed == null) {
      failed =
          assembly.isEmpty() && silent()
              ? Result.Failed.garbled("a stream without any answer", Bill.NONE)
              : new Result.Failed(
                  Reason.ANSWER_TRUNCATED,
                  "the provider's stream ended in the middle of the answer",
                  Advice.NONE,
                  Bill.NONE);
    }
    return failed.billed(partial());
  }

  /** What is known of the price of a stream that was not read to its end. */
  private Bill partial() {
    Bill known = bill();
    Tokens usage = known.usage();
    Tokens counted = TokenCount.of(question.inquiry(), usage, assembly.visible());
    if (usage == null) {
      return known.counted(counted);
    }
    var notes = new ArrayList<>(known.notes());
    if (!usageIsWhole()) {
      notes.add(Bill.PARTIAL);
      return new Bill(known.model(), known.serviceTier(), usage, notes, counted);
    }
    return known;
  }

  final Question question() {
    return question;
  }

  final Assembly assembly() {
    return assembly;
  }

  final void fail(Result.Failed why) {
    failure = failure == null ? why : failure;
  }

  /** Reads an event of the dialect; what it does not know it passes over. */
  abstract List<Delta> pieces(JsonNode data);

  /** Takes the usage of an event that has an error in it. */
  abstract void note(JsonNode data);

  /** The stream said that it is over. */
  abstract void done();

  /** Whether the stream said so. */
  abstract boolean finished();

  /** Whether the answer is there to its last word. */
  abstract boolean complete();

  /** Whether nothing came that is of an answer. */
  abstract boolean silent();

  /** Whether the usage known so far is that of the whole call. */
  abstract boolean usageIsWhole();

  abstract Result answer();

  abstract Bill bill();
}
