package io.penstock.policies;

import io.penstock.schemas.Answers;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes attempts, and the records that workers publish about them, for tests. */
public final class AnAttempt {
  private final String id;
  private String dispatchId = "d-r1";
  private int number = 1;
  private String provider = "openai";
  private String model = "gpt-5-mini";
  private Instant startedAt = Instant.parse("2026-11-24T12:00:00Z");
  private long estimatedInput = 100;
  private @Nullable Integer maxTokens;
  private @Nullable String billedModel;
  private @Nullable Usage usage;
  private Map<String, String> metadata = Map.of();
  private @Nullable String tierAsked;
  private @Nullable String tierTold;
  private @Nullable Usage counted;
  private List<String> usageNotes = List.of();

  private AnAttempt(String id) {
    this.id = id;
  }

  public static AnAttempt anAttempt(String id) {
    return new AnAttempt(id);
  }

  public AnAttempt at(String dispatchId) {
    this.dispatchId = dispatchId;
    return this;
  }

  public AnAttempt numbered(int number) {
    this.number = number;
    return this;
  }

  public AnAttempt by(String provider, String model) {
    this.provider = provider;
    this.model = model;
    return this;
  }

  public AnAttempt startedAt(Instant startedAt) {
    this.startedAt = startedAt;
    return this;
  }

  /** What would be guessed of it, should no usage be heard of. */
  public AnAttempt estimatedAt(long input, @Nullable Integer maxTokens) {
    this.estimatedInput = input;
    this.maxTokens = maxTokens;
    return this;
  }

  public AnAttempt tagged(Map<String, String> metadata) {
    this.metadata = metadata;
    return this;
  }

  /** What the provider's response will say. */
  public AnAttempt billedAs(@Nullable String model, @Nullable Usage usage) {
    this.billedModel = model;
    this.usage = usage;
    return this;
  }

  /** The service tier that is asked for, and the one that the response names. */
  public AnAttempt inTier(@Nullable String asked, @Nullable String told) {
    this.tierAsked = asked;
    this.tierTold = told;
    return this;
  }

  /** What the worker counts itself. */
  public AnAttempt counted(Usage counted) {
    this.counted = counted;
    return this;
  }

  /** What the worker notes of the usage. */
  public AnAttempt noting(String... usageNotes) {
    this.usageNotes = List.of(usageNotes);
    return this;
  }

  public AttemptStarted started(Duration lease) {
    return new AttemptStarted(build(), lease.toMillis());
  }

  public AttemptRenewed renewed(Duration lease) {
    return new AttemptRenewed(id, dispatchId, lease.toMillis());
  }

  public AttemptEnded answered(String text) {
    return ended(Answers.text(text, "stop"), null);
  }

  public AttemptEnded failed(Reason reason) {
    return ended(reason.because("as the test says"), null);
  }

  public AttemptEnded failedWith(Failure failure) {
    return ended(failure, null);
  }

  /** A failure after which the same worker tries again. */
  public AttemptEnded failedToRetryAfter(Duration wait) {
    return ended(Reason.RATE_LIMITED.because("as the test says"), wait.toMillis());
  }

  private AttemptEnded ended(Object outcome, @Nullable Long retryAfterMs) {
    return new AttemptEnded(
        build(),
        startedAt.plusSeconds(1),
        outcome,
        billedModel,
        usage,
        retryAfterMs,
        tierTold,
        usageNotes,
        counted,
        null);
  }

  public Attempt build() {
    return new Attempt(
        id,
        dispatchId,
        number,
        "worker-1",
        provider,
        model,
        "auto",
        dispatchId.substring(2),
        "default",
        Lane.STANDARD,
        startedAt,
        estimatedInput,
        maxTokens,
        metadata,
        null,
        tierAsked,
        null);
  }
}
