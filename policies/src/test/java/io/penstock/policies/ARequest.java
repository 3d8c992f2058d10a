package io.penstock.policies;

import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes requests for tests: a valid one, but for what the test is about. */
public final class ARequest {
  private String id = "r1";
  private String tenant = "default";
  private String model = "auto";
  private List<Message> messages = List.of(new Message("user", "What is a penstock?"));
  private @Nullable Integer maxTokens;
  private @Nullable Double temperature;
  private boolean useCache = true;
  private @Nullable Instant acceptedAt;
  private @Nullable Instant deadlineAt;
  private @Nullable String idempotencyKey;
  private @Nullable Integer replyPartition;
  private final Map<String, String> metadata = new LinkedHashMap<>();

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
    messages = List.of(new Message("user", question));
    return this;
  }

  /** One more turn. */
  public ARequest then(String role, String content) {
    messages = new ArrayList<>(messages);
    messages.add(new Message(role, content));
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
        Map.copyOf(metadata));
  }
}
