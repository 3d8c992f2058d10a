package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.json.Reading;
import io.penstock.policies.Reason;
import java.util.Optional;

/** The header under which a caller may repeat itself. */
final class IdempotencyKey {
  static final String HEADER = "Idempotency-Key";
  private static final int LONGEST = 256;

  private IdempotencyKey() {}

  /** The key, if the caller sent one. */
  static Reading<Optional<String>> of(Context ctx) {
    String key = ctx.header(HEADER);
    if (key == null) {
      return new Reading.Read<>(Optional.empty());
    }
    if (key.isEmpty() || key.length() > LONGEST || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
      return new Reading.Refused<>(
          Reason.INVALID_VALUE.because(
              "an idempotency key has 1 to " + LONGEST + " visible ASCII characters", HEADER));
    }
    return new Reading.Read<>(Optional.of(key));
  }
}
