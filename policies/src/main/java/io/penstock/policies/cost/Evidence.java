package io.penstock.policies.cost;

import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the tokens of an attempt, and how.
 *
 * @param usage null when nothing is charged
 * @param notes codes, in the order in which they came
 */
record Evidence(Provenance provenance, @Nullable Usage usage, List<String> notes) {
  // What a worker says of the usage that it read (see AttemptEnded.usageNotes).
  private static final String PARTIAL = "partial";
  private static final String INCONSISTENT = "inconsistent";

  static Evidence of(AttemptEnded ended, OutputMean mean) {
    Usage reported = ended.getUsage();
    boolean partial = ended.getUsageNotes().contains(PARTIAL);
    var notes = new ArrayList<String>();
    for (String note : ended.getUsageNotes()) {
      if (!note.equals(PARTIAL)) {
        notes.add(note.equals(INCONSISTENT) ? Note.USAGE_INCONSISTENT.code() : note);
      }
    }
    if (reported != null && !partial) {
      return new Evidence(Provenance.REPORTED, reported, notes);
    }
    if (reported == null && (neverSent(ended) || (unbilled(ended) && !saidSomething(ended)))) {
      return new Evidence(Provenance.UNBILLED, null, notes);
    }
    Usage ours = ours(ended, mean);
    Usage usage = reported == null ? ours : completed(reported, ours);
    Usage counted = ended.getCounted();
    boolean seen = counted != null && usage.getOutput() == counted.getOutput();
    if (seen && usage.getReasoning() == 0 && mean.reasons()) {
      note(notes, Note.REASONING_UNSEEN);
    }
    return new Evidence(
        reported == null ? Provenance.ESTIMATED : Provenance.REPORTED_PARTIAL, usage, notes);
  }

  static Evidence orphaned(Usage estimate) {
    return new Evidence(Provenance.ORPHANED, estimate, List.of());
  }

  /** Whether the worker knows that nothing had left when the call ended. */
  private static boolean neverSent(AttemptEnded ended) {
    Usage counted = ended.getCounted();
    return counted != null && input(counted) == 0 && counted.getOutput() == 0;
  }

  /** A stream that ends in an error was at work until then, whatever the error is called. */
  private static boolean saidSomething(AttemptEnded ended) {
    Usage counted = ended.getCounted();
    return counted != null && counted.getOutput() > 0;
  }

  private static boolean unbilled(AttemptEnded ended) {
    return ended.getOutcome() instanceof Failure failure
        && !Reason.ofCode(failure.getCode()).map(Reason::possiblyBilled).orElse(true);
  }

  /** The tokens as we count them, or guess them where nobody counted. */
  private static Usage ours(AttemptEnded ended, OutputMean mean) {
    Usage guess = TokenEstimate.of(ended.getAttempt(), mean).toUsage();
    Usage counted = ended.getCounted();
    if (counted == null) {
      return guess;
    }
    // A call that failed before anything came back was at work all the same.
    boolean nothingSeen = counted.getOutput() == 0 && !(ended.getOutcome() instanceof Answer);
    return Usage.newBuilder(counted)
        .setUncachedInput(
            input(counted) == 0 ? guess.getUncachedInput() : counted.getUncachedInput())
        .setOutput(nothingSeen ? guess.getOutput() : counted.getOutput())
        .build();
  }

  /**
   * A report that stopped half-way, with what it does not say taken from our own count. A stream
   * reports its input at once and its output as it goes, so the larger output is the later one.
   */
  private static Usage completed(Usage reported, Usage ours) {
    Usage input = input(reported) > 0 ? reported : ours;
    Usage output = reported.getOutput() >= ours.getOutput() ? reported : ours;
    return Usage.newBuilder(input)
        .setOutput(output.getOutput())
        .setReasoning(output.getReasoning())
        .setAudioOutput(output.getAudioOutput())
        .setWebSearches(Math.max(reported.getWebSearches(), ours.getWebSearches()))
        .build();
  }

  private static long input(Usage usage) {
    return usage.getUncachedInput()
        + usage.getCacheRead()
        + usage.getCacheWrite()
        + usage.getCacheWriteLong();
  }

  static void note(List<String> notes, Note note) {
    if (!notes.contains(note.code())) {
      notes.add(note.code());
    }
  }
}
