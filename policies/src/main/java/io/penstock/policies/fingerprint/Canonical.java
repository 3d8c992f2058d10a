package io.penstock.policies.fingerprint;

import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.TextPart;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request reduced to what can change its answer. Normalisation is only what is provably harmless:
 * Unicode NFC, line endings, trailing white space, the order of JSON's keys. Never case or
 * punctuation: on real question pairs "C" and "C++" would collide.
 *
 * <p>Left out, because they change nothing about the answer: id, acceptedAt, deadlineAt,
 * idempotencyKey, replyPartition, metadata, asides, cache, keyId, serviceTier, stream, and the
 * marks of prefixes worth caching. A test holds this list against the schema.
 *
 * @param scope who may share the answer: the tenant
 * @param alone the request's id when it wants an answer of its own
 * @param endpoint null for a conversation, which is what was asked for before there was a choice
 * @param dialect the API that gives meaning to what only that API knows; null without any such
 */
record Canonical(
    String scope,
    String model,
    List<Turn> turns,
    @Nullable Integer maxTokens,
    @Nullable Double temperature,
    @Nullable String alone,
    @Nullable String endpoint,
    @Nullable String input,
    @Nullable String options,
    @Nullable String dialect) {

  /**
   * @param rest name and parts of a turn that is not just text
   */
  record Turn(String role, String content, @Nullable String rest) {}

  static Canonical of(InferenceRequest request) {
    Options options = request.getOptions();
    return new Canonical(
        request.getTenant(),
        request.getModel(),
        request.getMessages().stream().map(Canonical::turn).toList(),
        request.getMaxTokens(),
        request.getTemperature(),
        request.getUseCache() ? null : request.getId(),
        request.getEndpoint() == Endpoint.CHAT ? null : request.getEndpoint().name(),
        request.getInput() == null ? null : CanonicalText.json(request.getInput()),
        options == null ? null : CanonicalText.of(options),
        dialect(request));
  }

  private static Turn turn(Message message) {
    List<?> parts = message.getParts();
    if (parts.size() == 1 && parts.getFirst() instanceof TextPart only) {
      String name = message.getName();
      return new Turn(message.getRole(), CanonicalText.normalised(only.getText()), name(name));
    }
    return parts.isEmpty()
        ? new Turn(
            message.getRole(),
            CanonicalText.normalised(message.getContent()),
            name(message.getName()))
        : new Turn(message.getRole(), "", CanonicalText.of(message));
  }

  private static @Nullable String name(@Nullable String name) {
    return name == null ? null : "name " + name;
  }

  private static @Nullable String dialect(InferenceRequest request) {
    return request.getDialect() != Dialect.PENSTOCK && onlyItsOwnApiUnderstands(request)
        ? request.getDialect().name()
        : null;
  }

  private static boolean onlyItsOwnApiUnderstands(InferenceRequest request) {
    Options options = request.getOptions();
    return (options != null
            && (options.getExtra() != null
                || options.getTools().stream().anyMatch(tool -> tool.getRaw() != null)))
        || request.getMessages().stream()
            .flatMap(message -> message.getParts().stream())
            .anyMatch(RawPart.class::isInstance);
  }
}
