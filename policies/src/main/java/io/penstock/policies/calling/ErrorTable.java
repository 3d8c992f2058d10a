package io.penstock.policies.calling;

import io.penstock.policies.Reason;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a provider's refusal means, whether it came as the status of a response or in the middle of
 * a stream (docs/measurements.md, Providers §1.4 for OpenAI and Groq, §2.3 for Anthropic).
 */
public final class ErrorTable {

  /**
   * What a provider said.
   *
   * @param status of the response; 200 for an error in the middle of a stream
   * @param type in the error's body
   * @param code in the error's body, which may be a number
   * @param message for people
   */
  public record Said(
      int status, @Nullable String type, @Nullable String code, @Nullable String message) {

    private boolean word(String word) {
      return word.equals(type) || word.equals(code);
    }
  }

  /** How a row knows an error. */
  private sealed interface Sign {
    boolean fits(Said said);

    /** Its type or code is this word: both are tested, as providers mix them. */
    record Word(String word) implements Sign {
      @Override
      public boolean fits(Said said) {
        return said.word(word);
      }
    }

    /** Its message holds these words; for errors that providers give no name of their own. */
    record Phrase(String phrase) implements Sign {
      @Override
      public boolean fits(Said said) {
        return said.message() != null
            && said.message().toLowerCase(Locale.ROOT).contains(phrase)
            && (said.status() == 400 || said.status() == 200);
      }
    }

    record Status(int first, int last) implements Sign {
      @Override
      public boolean fits(Said said) {
        return said.status() >= first && said.status() <= last;
      }
    }
  }

  private record Row(Sign sign, Reason reason) {}

  // The first row that fits. Words come before statuses, since a status may mean two things; bills
  // come first of all, since what says both "slow down" and "pay" will not pass by waiting.
  private static final List<Row> ROWS =
      List.of(
          word("insufficient_quota", Reason.QUOTA_EXHAUSTED),
          word("credit_balance_exhausted", Reason.QUOTA_EXHAUSTED),
          word("billing_hard_limit_reached", Reason.QUOTA_EXHAUSTED),
          word("billing_not_active", Reason.QUOTA_EXHAUSTED),
          word("billing_error", Reason.QUOTA_EXHAUSTED),
          word("context_length_exceeded", Reason.CONTEXT_TOO_LONG),
          word("exceed_context_size_error", Reason.CONTEXT_TOO_LONG), // llama-server
          phrase("prompt is too long", Reason.CONTEXT_TOO_LONG), // Anthropic
          phrase("maximum context length", Reason.CONTEXT_TOO_LONG), // vLLM
          word("overloaded_error", Reason.PROVIDER_OVERLOADED),
          word("slow_down", Reason.PROVIDER_OVERLOADED),
          word("capacity_exceeded", Reason.PROVIDER_OVERLOADED), // Groq's flex
          word("resource_unavailable", Reason.PROVIDER_OVERLOADED), // OpenAI's flex: not charged
          word("model_not_found", Reason.MODEL_NOT_FOUND),
          word("not_found_error", Reason.MODEL_NOT_FOUND),
          word("rate_limit_exceeded", Reason.RATE_LIMITED),
          word("rate_limit_error", Reason.RATE_LIMITED),
          word("authentication_error", Reason.PROVIDER_UNAUTHORIZED),
          word("permission_error", Reason.PROVIDER_UNAUTHORIZED),
          word("invalid_api_key", Reason.PROVIDER_UNAUTHORIZED),
          status(401, Reason.PROVIDER_UNAUTHORIZED),
          status(402, Reason.QUOTA_EXHAUSTED),
          status(403, Reason.PROVIDER_UNAUTHORIZED),
          status(404, Reason.MODEL_NOT_FOUND),
          status(408, Reason.PROVIDER_ERROR),
          status(409, Reason.PROVIDER_ERROR),
          status(429, Reason.RATE_LIMITED),
          status(498, Reason.PROVIDER_OVERLOADED), // Groq
          status(503, Reason.PROVIDER_OVERLOADED),
          status(529, Reason.PROVIDER_OVERLOADED), // Anthropic
          statuses(500, 599, Reason.PROVIDER_ERROR),
          statuses(300, 499, Reason.PROVIDER_REJECTED),
          // In the middle of a stream, where there is no status to tell.
          word("invalid_request_error", Reason.PROVIDER_REJECTED),
          word("request_too_large", Reason.PROVIDER_REJECTED),
          statuses(0, 999, Reason.PROVIDER_ERROR));

  private ErrorTable() {}

  /**
   * The reason for what a provider said.
   *
   * @param quota further types and codes by which this provider says that somebody must pay
   */
  public static Reason reason(Said said, Set<String> quota) {
    if (quota.stream().anyMatch(said::word)) {
      return Reason.QUOTA_EXHAUSTED;
    }
    return ROWS.stream()
        .filter(row -> row.sign.fits(said))
        .map(Row::reason)
        .findFirst()
        .orElse(Reason.PROVIDER_ERROR);
  }

  private static Row word(String word, Reason reason) {
    return new Row(new Sign.Word(word), reason);
  }

  private static Row phrase(String phrase, Reason reason) {
    return new Row(new Sign.Phrase(phrase), reason);
  }

  private static Row status(int status, Reason reason) {
    return statuses(status, status, reason);
  }

  private static Row statuses(int first, int last, Reason reason) {
    return new Row(new Sign.Status(first, last), reason);
  }
}
