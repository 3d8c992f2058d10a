package io.penstock.policies.admit;

import io.penstock.policies.Reason;
import io.penstock.policies.Requests;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Which requests are let in. The ingress asks before it accepts, so that a caller hears of a
 * mistake at once; the topology asks again, because anyone may write to a lane topic.
 *
 * @param defaultDeadline per lane, for requests that name none
 * @param models what may be asked for
 * @param replyPartitions partitions of the responses topic
 */
public record Admission(
    Map<Lane, Duration> defaultDeadline, ModelDirectory models, int replyPartitions) {

  /** The longest promise any lane makes; dispatches are kept for twice as long. */
  public static final Duration LONGEST_DEADLINE = Duration.ofDays(1);

  public static final Map<Lane, Duration> DEFAULT_DEADLINES =
      Map.of(
          Lane.EXPRESS, Duration.ofSeconds(30),
          Lane.STANDARD, Duration.ofMinutes(2),
          Lane.BATCH, LONGEST_DEADLINE);

  private static final int LONGEST_NAME = 256;
  private static final int LONGEST_TIER = 64;

  /** So that roles and framing, which the limit on text does not count, fit a record beside it. */
  static final int MOST_TURNS = 10_000;

  // A record holds a request with its key and headers.
  private static final int LARGEST_REQUEST_BYTES = Limits.LARGEST_RECORD_BYTES - 64 * 1024;

  /** Dispatches are kept no longer, so nothing may be promised for later. */
  private static final Duration DISPATCH_KEPT = LONGEST_DEADLINE.multipliedBy(2);

  public Admission {
    defaultDeadline = Map.copyOf(defaultDeadline);
    for (Lane lane : Lane.values()) {
      if (!defaultDeadline.containsKey(lane)) {
        throw new IllegalArgumentException("no default deadline for the lane " + lane);
      }
    }
  }

  /** What becomes of a request that arrives. */
  public sealed interface Verdict {
    /** It may go on; its times are filled in. */
    record Admitted(InferenceRequest request) implements Verdict {}

    /** It may not; nothing was or will be paid for it. */
    record Refused(Failure failure) implements Verdict {}
  }

  /**
   * Judges a request.
   *
   * @param arrivedAt when it reached the log; its acceptance time when it names none
   */
  public Verdict judge(InferenceRequest request, Lane lane, Instant arrivedAt, Instant now) {
    Instant acceptedAt = request.getAcceptedAt() == null ? arrivedAt : request.getAcceptedAt();
    Instant deadlineAt =
        request.getDeadlineAt() == null
            ? acceptedAt.plus(deadlineOf(lane))
            : request.getDeadlineAt();
    return fault(request)
        .or(() -> deadlineFault(acceptedAt, deadlineAt, now))
        .<Verdict>map(Verdict.Refused::new)
        .orElseGet(() -> new Verdict.Admitted(Requests.timed(request, acceptedAt, deadlineAt)));
  }

  /**
   * Why a request may not even be handed on as it came, if that is so. Brokers limit what a record
   * takes compressed: unpacked it may be more than the next topic holds.
   */
  public static Optional<Failure> tooLarge(int recordBytes) {
    return recordBytes <= LARGEST_REQUEST_BYTES
        ? Optional.empty()
        : Optional.of(
            Reason.PROMPT_TOO_LARGE.because(
                "the request has "
                    + recordBytes
                    + " bytes unpacked; the limit is "
                    + LARGEST_REQUEST_BYTES
                    + ": shorten or split it",
                "messages"));
  }

  /**
   * Why nothing may be called for an admitted request any more, if that is so. Asked where a call
   * would follow, not at the door: an answer that is there already is served late as well, and a
   * request that is read again after a crash gets the answer it got before.
   */
  public Optional<Failure> tooLate(InferenceRequest admitted, Instant now) {
    Instant deadlineAt = admitted.getDeadlineAt();
    return deadlineAt == null || now.isBefore(deadlineAt)
        ? Optional.empty()
        : Optional.of(
            Reason.DEADLINE_EXCEEDED.because(
                "the deadline passed before the request was looked at; nothing was called",
                "deadline_ms"));
  }

  /** How long a request on {@code lane} may take when it does not say. */
  public Duration deadlineOf(Lane lane) {
    return defaultDeadline.getOrDefault(lane, LONGEST_DEADLINE);
  }

  private Optional<Failure> fault(InferenceRequest request) {
    return nameFault("id", request.getId())
        .or(() -> pathFault(request.getId()))
        .or(() -> nameFault("tenant", request.getTenant()))
        .or(() -> sizeFault(request))
        .or(() -> questionFault(request))
        .or(() -> modelFault(request.getModel()))
        .or(() -> Wishes.fault(request))
        .or(() -> envelopeFault(request));
  }

  private static Optional<Failure> nameFault(String field, String value) {
    if (value.isBlank() || value.length() > LONGEST_NAME) {
      return Optional.of(
          Reason.INVALID_VALUE.because(
              field
                  + " must not be blank, nor longer than "
                  + LONGEST_NAME
                  + " characters; it has "
                  + value.length(),
              field));
    }
    return Optional.empty();
  }

  /** An id is a step in the path of a URL, and in the keys of stores. */
  private static Optional<Failure> pathFault(String id) {
    return id.indexOf('/') < 0
        ? Optional.empty()
        : Optional.of(
            Reason.INVALID_VALUE.because(
                "id must not contain a slash; it is \"" + Excerpt.of(id) + "\"", "id"));
  }

  private static Optional<Failure> questionFault(InferenceRequest request) {
    return switch (request.getEndpoint()) {
      case CHAT ->
          request.getInput() == null
              ? Turns.fault(request)
              : Optional.of(
                  Reason.INVALID_VALUE.because(
                      "input is what to embed; a conversation has messages", "input"));
      case EMBEDDINGS -> Embedding.fault(request);
    };
  }

  private static Optional<Failure> sizeFault(InferenceRequest request) {
    long bytes = Sizes.of(request);
    return bytes <= Limits.LARGEST_TEXT_BYTES
        ? Optional.empty()
        : Optional.of(
            Reason.PROMPT_TOO_LARGE.because(
                "the prompt has "
                    + bytes
                    + " bytes with all its parts, tools and images; the limit is "
                    + Limits.LARGEST_TEXT_BYTES
                    + ": shorten or split it",
                request.getEndpoint() == Endpoint.CHAT ? "prompt" : "input"));
  }

  private Optional<Failure> modelFault(String model) {
    if (models.knows(model)) {
      return Optional.empty();
    }
    return Optional.of(
        Reason.UNKNOWN_MODEL.because(
            "no configured provider serves the model \""
                + Excerpt.of(model)
                + "\": use \"auto\" or one of GET /v1/models",
            "model"));
  }

  private Optional<Failure> envelopeFault(InferenceRequest request) {
    long bytes = 0;
    for (Map.Entry<String, String> tag : request.getMetadata().entrySet()) {
      bytes += Utf8.length(tag.getKey()) + Utf8.length(tag.getValue());
    }
    if (bytes > Limits.LARGEST_METADATA_BYTES) {
      return Optional.of(
          Reason.INVALID_VALUE.because(
              "metadata has " + bytes + " bytes; the limit is " + Limits.LARGEST_METADATA_BYTES,
              "metadata"));
    }
    String key = request.getIdempotencyKey();
    if (key != null && (key.isBlank() || key.length() > LONGEST_NAME)) {
      return Optional.of(
          Reason.INVALID_VALUE.because(
              "an idempotency key must not be blank, nor longer than "
                  + LONGEST_NAME
                  + " characters; it has "
                  + key.length(),
              "Idempotency-Key"));
    }
    String keyId = request.getKeyId();
    if (keyId != null) {
      Optional<Failure> fault = nameFault("keyId", keyId);
      if (fault.isPresent()) {
        return fault;
      }
    }
    String tier = request.getServiceTier();
    if (tier != null && (tier.isBlank() || tier.length() > LONGEST_TIER)) {
      return Optional.of(
          Reason.INVALID_VALUE.because(
              "service_tier is one of the words of the provider, such as flex; it is \""
                  + Excerpt.of(tier)
                  + "\"",
              "service_tier"));
    }
    Integer partition = request.getReplyPartition();
    if (partition != null && (partition < 0 || partition >= replyPartitions)) {
      return Optional.of(
          Reason.INVALID_VALUE.because(
              "replyPartition must lie between 0 and "
                  + (replyPartitions - 1)
                  + "; it is "
                  + partition,
              "replyPartition"));
    }
    return Optional.empty();
  }

  private static Optional<Failure> deadlineFault(
      Instant acceptedAt, Instant deadlineAt, Instant now) {
    Duration allowed = Duration.between(acceptedAt, deadlineAt);
    if (allowed.isNegative() || allowed.isZero() || allowed.compareTo(LONGEST_DEADLINE) > 0) {
      return Optional.of(
          Reason.INVALID_DEADLINE.because(
              "the deadline must lie between 1 ms and 24 h after the request; it is "
                  + TimeUnit.MILLISECONDS.convert(
                      allowed) // saturates: anyone may write any instant
                  + " ms",
              "deadline_ms"));
    }
    if (deadlineAt.isAfter(now.plus(DISPATCH_KEPT))) {
      return Optional.of(
          Reason.INVALID_DEADLINE.because(
              "the deadline must lie within 48 h from now; is the clock of the sender right?",
              "deadline_ms"));
    }
    return Optional.empty();
  }
}
