package io.penstock.topology;

import io.penstock.schemas.Messages;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Builds requests for tests: {@code aRequest("hello").forTenant("a").build()}. */
final class Requesting {
  private static final AtomicInteger SEQUENCE = new AtomicInteger();

  private final String prompt;
  private String id = "r" + SEQUENCE.incrementAndGet();
  private String tenant = "default";
  private String model = TestingTopology.MODEL;
  private boolean useCache = true;
  private @Nullable Instant acceptedAt;
  private @Nullable Instant deadlineAt;
  private @Nullable String idempotencyKey;
  private @Nullable Integer replyPartition;
  private @Nullable CacheControl cache;
  private @Nullable Options options;
  private @Nullable Integer maxTokens;
  private @Nullable String keyId;
  private @Nullable String system;

  private Requesting(String prompt) {
    this.prompt = prompt;
  }

  static Requesting aRequest(String prompt) {
    return new Requesting(prompt);
  }

  Requesting withId(String id) {
    this.id = id;
    return this;
  }

  Requesting behind(String systemText) {
    this.system = systemText;
    return this;
  }

  Requesting forTenant(String tenant) {
    this.tenant = tenant;
    return this;
  }

  Requesting ofModel(String model) {
    this.model = model;
    return this;
  }

  Requesting withoutCache() {
    this.useCache = false;
    return this;
  }

  Requesting acceptedAt(Instant at) {
    this.acceptedAt = at;
    return this;
  }

  Requesting dueBy(Instant at) {
    this.deadlineAt = at;
    return this;
  }

  Requesting withIdempotencyKey(String key) {
    this.idempotencyKey = key;
    return this;
  }

  Requesting answeredOn(int partition) {
    this.replyPartition = partition;
    return this;
  }

  Requesting caching(CacheControl cache) {
    this.cache = cache;
    return this;
  }

  Requesting with(Options options) {
    this.options = options;
    return this;
  }

  Requesting answeredInAtMost(int maxTokens) {
    this.maxTokens = maxTokens;
    return this;
  }

  Requesting payingWith(String keyId) {
    this.keyId = keyId;
    return this;
  }

  InferenceRequest build() {
    return new InferenceRequest(
        id,
        tenant,
        model,
        system == null
            ? List.of(Messages.text("user", prompt))
            : List.of(Messages.text("system", system), Messages.text("user", prompt)),
        maxTokens,
        null,
        useCache,
        acceptedAt,
        deadlineAt,
        idempotencyKey,
        replyPartition,
        Map.of(),
        Endpoint.CHAT,
        null,
        options,
        Dialect.PENSTOCK,
        null,
        cache,
        keyId,
        null,
        false);
  }
}
