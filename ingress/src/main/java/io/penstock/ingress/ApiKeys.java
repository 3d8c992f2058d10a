package io.penstock.ingress;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose key is whose. Only the digests of keys are held, and every one is compared, in a time that
 * tells nothing of them. Any thread.
 */
public final class ApiKeys {
  /** The tenant of those who need no key. */
  public static final String DEFAULT_TENANT = "default";

  /** The tenant that is everybody's operator. Its own requests are the default tenant's. */
  public static final String OPERATOR = "*";

  private static final String BEARER = "Bearer ";
  private static final int KEY_ID_BYTES = 4;

  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
  private record Key(byte[] digest, Caller caller) {}

  private final List<Key> keys;

  private ApiKeys(List<Key> keys) {
    this.keys = keys;
  }

  /** Nobody needs a key; everything is the default tenant's, who may see everything. */
  public static ApiKeys none() {
    return new ApiKeys(List.of());
  }

  /** Everybody needs one of these keys; without any, nobody does. */
  public static ApiKeys of(Map<String, String> tenantByKey) {
    return new ApiKeys(
        tenantByKey.entrySet().stream()
            .map(entry -> key(digest(entry.getKey()), entry.getValue()))
            .toList());
  }

  private static Key key(byte[] digest, String owner) {
    boolean operator = owner.equals(OPERATOR);
    String tenant = operator ? DEFAULT_TENANT : owner;
    // Enough to tell the keys of a tenant apart, and too little to find a key by.
    String name = HexFormat.of().formatHex(digest, 0, KEY_ID_BYTES);
    return new Key(digest, new Caller(tenant, operator, tenant + "-" + name));
  }

  /**
   * @param authorization the header {@code Authorization}
   * @param apiKey the header {@code x-api-key}
   */
  Optional<Caller> caller(@Nullable String authorization, @Nullable String apiKey) {
    if (keys.isEmpty()) {
      return Optional.of(new Caller(DEFAULT_TENANT, true, null));
    }
    String key = presented(authorization, apiKey);
    if (key == null) {
      return Optional.empty();
    }
    byte[] digest = digest(key);
    Caller found = null;
    for (Key known : keys) {
      if (MessageDigest.isEqual(known.digest(), digest)) {
        found = known.caller();
      }
    }
    return Optional.ofNullable(found);
  }

  private static @Nullable String presented(
      @Nullable String authorization, @Nullable String apiKey) {
    if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return authorization.substring(BEARER.length()).strip();
    }
    return apiKey;
  }

  private static byte[] digest(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Without anything of the keys. */
  @Override
  public String toString() {
    return keys.size() + " keys";
  }
}
