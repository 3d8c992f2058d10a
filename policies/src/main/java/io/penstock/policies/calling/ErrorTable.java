package io.penstock.policies.calling;

import io.penstock.policies.Reason;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a provider's refusal means, from its HTTP status and the type and code in its error body
 * (docs/measurements.md, Providers §1.4 for OpenAI, §2.3 for Anthropic).
 */
public final class ErrorTable {
  // A 429 of this kind will not pass by waiting: somebody must pay a bill.
  private static final Set<String> QUOTA =
      Set.of(
          "insufficient_quota",
          "credit_balance_exhausted",
          "billing_hard_limit_reached",
          "billing_error");
  private static final Set<String> OVERLOADED =
      Set.of("overloaded_error", "slow_down", "capacity_exceeded", "resource_unavailable");

  private ErrorTable() {}

  /** The reason for a status outside 2xx. Type and code are both tested, as providers mix them. */
  public static Reason reason(int status, @Nullable String type, @Nullable String code) {
    if (in(QUOTA, type, code)) {
      return Reason.QUOTA_EXHAUSTED;
    }
    if (in(OVERLOADED, type, code)) {
      return Reason.PROVIDER_OVERLOADED;
    }
    return switch (status) {
      case 401, 403 -> Reason.PROVIDER_UNAUTHORIZED;
      case 402 -> Reason.QUOTA_EXHAUSTED;
      case 404 -> Reason.MODEL_NOT_FOUND;
      case 408, 409 -> Reason.PROVIDER_ERROR;
      case 429 -> Reason.RATE_LIMITED;
      case 498, 503, 529 -> Reason.PROVIDER_OVERLOADED;
      default -> status >= 500 ? Reason.PROVIDER_ERROR : Reason.PROVIDER_REJECTED;
    };
  }

  private static boolean in(Set<String> known, @Nullable String type, @Nullable String code) {
    return (type != null && known.contains(type)) || (code != null && known.contains(code));
  }
}
