package io.penstock.policies.fingerprint;

import io.penstock.schemas.avro.InferenceRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes two requests the same: 16 bytes of SHA-256 over everything that can change the answer
 * and nothing else, as 32 hexadecimal digits. It is the key of requests and results, so equal
 * requests meet in one task.
 */
public record Fingerprint(String hex) {

  /**
   * The fingerprint of a request. One that wants an answer of its own ({@code useCache} false) is
   * the same as no other, so that it can be neither cached nor joined.
   */
  public static Fingerprint of(InferenceRequest request) {
    return new Fingerprint(digest(Canonical.of(request)));
  }

  // Deconstructed, so that a new component stops the build until someone decides.
  private static String digest(Canonical canonical) {
    return switch (canonical) {
      case Canonical(
              String scope,
              String model,
              List<Canonical.Turn> turns,
              @Nullable Integer maxTokens,
              @Nullable Double temperature,
              @Nullable String alone,
              @Nullable String endpoint,
              @Nullable String input,
              @Nullable String options,
              @Nullable String dialect) -> {
        var parts = new LengthPrefixedDigest();
        parts.add(scope).add(model).add(turns.size());
        for (Canonical.Turn turn : turns) {
          parts.add(turn.role()).add(turn.content());
        }
        parts.add(maxTokens).add(temperature).add(alone);
        // What came later than the rest is only there when it says something, so that a plain
        // question keeps the fingerprint that it always had.
        for (int i = 0; i < turns.size(); i++) {
          parts.addIfPresent("turn " + i, turns.get(i).rest());
        }
        yield parts
            .addIfPresent("endpoint", endpoint)
            .addIfPresent("input", input)
            .addIfPresent("options", options)
            .addIfPresent("dialect", dialect)
            .hex();
      }
    };
  }

  /**
   * The key that decides where an idempotency key is claimed: the same for every request that a
   * tenant sends under it, whatever the request says.
   */
  public static Fingerprint ofClaim(String tenant, String idempotencyKey) {
    return new Fingerprint(
        new LengthPrefixedDigest().add("claim").add(tenant).add(idempotencyKey).hex());
  }
}
