package io.penstock.policies;

import io.penstock.schemas.Messages;
import io.penstock.schemas.TrustedRecords;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes requests for tests: a valid one, but for what the test is about. */
public final class ARequest {
  static {
    TrustedRecords.trust();
  }

  private String id = "r1";
  private String tenant = "default";
  private String model = "auto";
  private List<Message> messages = List.of(Messages.text("user", "What is a penstock?"));
  private @Nullable Integer maxTokens;
  private @Nullable Double temperature;
  private boolean useCache = true;
  private @Nullable Instant acceptedAt;
  private @Nullable Instant deadlineAt;
  private @Nullable String idempotencyKey;
  private @Nullable Integer replyPartition;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private Endpoint endpoint = Endpoint.CHAT;
  private @Nullable String input;
  private @Nullable Options options;
  private Dialect dialect = Dialect.PENSTOCK;
  private @Nullable String asides;
  private @Nullable CacheControl cache;
  private @Nullable String keyId;
  private @Nullable String serviceTier;
  private boolean stream;

  private ARequest() {}

  public static ARequest aRequest() {
    return new ARequest();
  }

  public ARequest withId(String id) {
    this.id = id;
    return this;
  }

  public ARequest forTenant(String tenant) {
    this.tenant = tenant;
    return this;
  }

  public ARequest ofModel(String model) {
    this.model = model;
    return this;
  }

  /** The whole conversation is this one question. */
  public ARequest asking(String question) {
    messages = List.of(Messages.text("user", question));
    return this;
  }

  /** One more turn. */
  public ARequest then(String role, String content) {
    messages = new ArrayList<>(messages);
    messages.add(Messages.text(role, content));
    return this;
  }

  public ARequest withoutTurns() {
    messages = List.of();
    return this;
  }

  public ARequest answeredInAtMost(@Nullable Integer maxTokens) {
    this.maxTokens = maxTokens;
    return this;
  }

  public ARequest atTemperature(@Nullable Double temperature) {
    this.temperature = temperature;
    return this;
  }

  public ARequest usingCache(boolean useCache) {
    this.useCache = useCache;
    return this;
  }

  public ARequest acceptedAt(@Nullable Instant acceptedAt) {
    this.acceptedAt = acceptedAt;
    return this;
  }

  public ARequest dueBy(@Nullable Instant deadlineAt) {
    this.deadlineAt = deadlineAt;
    return this;
  }

  public ARequest underKey(@Nullable String idempotencyKey) {
    this.idempotencyKey = idempotencyKey;
    return this;
  }

  public ARequest repliedTo(@Nullable Integer replyPartition) {
    this.replyPartition = replyPartition;
    return this;
  }

  public ARequest tagged(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** One more turn. */
  public ARequest then(Message turn) {
    messages = new ArrayList<>(messages);
    messages.add(turn);
    return this;
  }

  /** Asks for embeddings, of {@code input} as JSON, instead of an answer. */
  public ARequest embedding(String input) {
    endpoint = Endpoint.EMBEDDINGS;
    this.input = input;
    return withoutTurns();
  }

  public ARequest with(@Nullable Options options) {
    this.options = options;
    return this;
  }

  public ARequest written(Dialect dialect) {
    this.dialect = dialect;
    return this;
  }

  public ARequest aside(@Nullable String asides) {
    this.asides = asides;
    return this;
  }

  public ARequest caching(@Nullable CacheControl cache) {
    this.cache = cache;
    return this;
  }

  public ARequest payingWith(@Nullable String keyId) {
    this.keyId = keyId;
    return this;
  }

  public ARequest atTier(@Nullable String serviceTier) {
    this.serviceTier = serviceTier;
    return this;
  }

  public ARequest streamed() {
    stream = true;
    return this;
  }

  public InferenceRequest build() {
    return new InferenceRequest(
        id,
        tenant,
        model,
        messages,
        maxTokens,
        temperature,
        useCache,
        acceptedAt,
        deadlineAt,
        idempotencyKey,
        replyPartition,
        Map.copyOf(metadata),
        endpoint,
        input,
        options,
        dialect,
        asides,
        cache,
        keyId,
        serviceTier,
        stream);
  }
}
