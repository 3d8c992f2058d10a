package io.penstock.client;

import io.penstock.policies.fingerprint.Fingerprint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes and recognises request ids: url-safe, unique, and minted ones in the order of time. An id
 * ends in check characters that depend on the cluster and on the tenant. Ids are only revealed once
 * their request is durable, so any instance can tell an accepted request of its cluster from a
 * made-up one without keeping a list. The check is no secret; it keeps out mistakes and guesses.
 * Safe for use by any thread.
 */
public final class RequestIds {
  private static final char MINTED = 'm';
  private static final char CLAIMED = 'k';
  private static final int TIME_CHARS = 10;
  private static final int PROCESS_CHARS = 13;
  private static final int COUNT_CHARS = 7;
  private static final int CLUSTER_CHECK = 8;
  private static final int TENANT_CHECK = 4;
  private static final int MINTED_BODY = 1 + TIME_CHARS + PROCESS_CHARS + COUNT_CHARS;
  private static final int CLAIMED_BODY = 1 + 32;

  private final MessageDigest keyed;
  private final long process = new SecureRandom().nextLong();
  private final AtomicLong count = new AtomicLong();

  /**
   * @param clusterId the id of the Kafka cluster, the same for all who share it
   */
  public RequestIds(String clusterId) {
    try {
      keyed = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    update(keyed, clusterId);
  }

  /** A new id, later in order than those of earlier milliseconds. */
  public String mint(String tenant, Instant now) {
    var body = new StringBuilder(MINTED_BODY + CLUSTER_CHECK + TENANT_CHECK).append(MINTED);
    Base32.append(body, now.toEpochMilli(), TIME_CHARS);
    Base32.append(body, process, PROCESS_CHARS);
    Base32.append(body, count.getAndIncrement(), COUNT_CHARS);
    return checked(body.toString(), tenant);
  }

  /** The id of whatever a tenant sends under an idempotency key. */
  public String ofIdempotencyKey(String tenant, String key) {
    return checked(CLAIMED + Fingerprint.ofClaim(tenant, key).hex(), tenant);
  }

  /** What {@code id} is to an operator, who may see every tenant's. */
  public RequestId parse(String id) {
    return parse(id, null);
  }

  /** What {@code id} is to a tenant: another tenant's is {@link RequestId.Foreign}. */
  public RequestId parse(String id, @Nullable String tenant) {
    int length = id.length() - CLUSTER_CHECK - TENANT_CHECK;
    if (length != MINTED_BODY && length != CLAIMED_BODY) {
      return new RequestId.Foreign();
    }
    String body = id.substring(0, length);
    if (!id.startsWith(check(body, null, CLUSTER_CHECK), length)
        || (tenant != null && !id.endsWith(check(body, tenant, TENANT_CHECK)))) {
      return new RequestId.Foreign();
    }
    return switch (body.charAt(0)) {
      case MINTED -> new RequestId.Minted(Instant.ofEpochMilli(Base32.parse(body, 1, TIME_CHARS)));
      case CLAIMED -> new RequestId.Claimed();
      default -> new RequestId.Foreign();
    };
  }

  /** Whether an id may stand for an idempotency key; cheap, and wrong for some foreign ids. */
  public static boolean mayBeClaimed(String id) {
    return id.length() == CLAIMED_BODY + CLUSTER_CHECK + TENANT_CHECK && id.charAt(0) == CLAIMED;
  }

  private String checked(String body, String tenant) {
    return body + check(body, null, CLUSTER_CHECK) + check(body, tenant, TENANT_CHECK);
  }

  private String check(String body, @Nullable String tenant, int chars) {
    var digest = copyOfKeyed();
    update(digest, body);
    if (tenant != null) {
      update(digest, tenant);
    }
    long bits = ByteBuffer.wrap(Arrays.copyOf(digest.digest(), Long.BYTES)).getLong();
    var check = new StringBuilder(chars);
    Base32.append(check, bits, chars);
    return check.toString();
  }

  private MessageDigest copyOfKeyed() {
    try {
      return (MessageDigest) keyed.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be copied", e);
    }
  }

  private static void update(MessageDigest digest, String part) {
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }
}
