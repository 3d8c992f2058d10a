package io.penstock.embedded.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** One provider's way of asking and answering over HTTP. Stateless; for any thread. */
sealed interface Dialect
    permits OpenAiDialect, AnthropicDialect, CompletionsDialect, EmbeddingsDialect {

  /** Where calls are posted. */
  String path();

  /** The response header that carries the id of the call. */
  String idHeader();

  /**
   * Reads what a call asks of a model.
   *
   * @param headers the header of a name, if it is there
   */
  Ask read(CallBody body, PricedModel model, Function<String, Optional<String>> headers)
      throws WrongRequestException;

  /** The body of a refusal. */
  byte[] error(Refusal refusal, String id);

  /** Headers beside a rate limit. */
  Map<String, String> retryAfter(Duration wait);

  /** Headers of every answer while rate limits are in force. */
  Map<String, String> limits(Limits.Standing standing, Instant now);

  /** The body of a whole answer. */
  byte[] whole(Ask ask, Told told);

  /** The parts of a streamed answer; the first carries no text of the answer. */
  List<Frame> stream(Ask ask, Told told);

  /** An error that ends a stream which had begun. */
  String streamedError(Refusal refusal, String id);

  /** A wait in whole seconds, rounded up: what {@code Retry-After} can say. */
  static String wholeSeconds(Duration wait) {
    return Long.toString(wait.plusSeconds(1).minusNanos(1).toSeconds());
  }

  /** An answer with what belongs to it. */
  record Told(String id, Instant created, Answer answer, TokenUse use) {}
}
