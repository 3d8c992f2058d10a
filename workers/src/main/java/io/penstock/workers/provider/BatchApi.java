package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * How a provider takes many requests as one batch (docs/measurements.md, Providers §1.7 and §2.5).
 * Calls block their thread; each is one HTTP request, or a few that read. For any thread.
 */
sealed interface BatchApi permits OpenAiBatches, AnthropicBatches {

  /** Looks for a batch that was handed in under an id, at {@code since} or later. */
  BatchFound find(String jobId, Instant since) throws BatchRefusedException;

  /** Writes what comes before the first line of a file, between two, and behind the last. */
  Framing framing();

  /** The marks around lines. */
  record Framing(String before, String between, String after) {}

  /** Writes a line. */
  void write(BufferedSink sink, String id, Question question) throws IOException;

  /**
   * Hands in a file of lines.
   *
   * @return the provider's name of the batch
   */
  String submit(String jobId, Question first, Path lines) throws BatchRefusedException;

  BatchState state(String ref) throws BatchRefusedException;

  /** Calls a batch off. What is done is billed and may be read. */
  void cancel(String ref) throws BatchRefusedException;

  /** The id of a line of results. */
  String idOf(JsonNode line);

  /** What became of a line; null when the provider did not come to it. */
  @Nullable Result read(Question question, JsonNode line, Instant now);
}
