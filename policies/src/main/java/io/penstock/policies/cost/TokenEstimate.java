package io.penstock.policies.cost;

import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a call probably used, for the cases in which nobody told us: never used where a provider
 * reported usage. Four bytes of text are about one token; output is guessed at the model's mean so
 * far.
 */
public final class TokenEstimate {
  private static final int BYTES_PER_TOKEN = 4;
  private static final int TOKENS_PER_MESSAGE = 4;

  private TokenEstimate() {}

  /** Input tokens of a conversation. */
  public static long input(List<Message> messages) {
    long tokens = 0;
    for (Message message : messages) {
      int bytes = message.getContent().getBytes(StandardCharsets.UTF_8).length;
      tokens += TOKENS_PER_MESSAGE + Math.ceilDiv(bytes, BYTES_PER_TOKEN);
    }
    return tokens;
  }

  /** All tokens of an attempt whose usage never reached us. */
  public static Tokens of(Attempt attempt, OutputMean mean) {
    Integer most = attempt.getMaxTokens();
    long output = most == null ? mean.tokens() : Math.min(most, mean.tokens());
    return Tokens.plain(attempt.getEstimatedInput(), output);
  }
}
