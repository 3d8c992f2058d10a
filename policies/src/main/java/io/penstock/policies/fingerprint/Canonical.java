package io.penstock.policies.fingerprint;

import io.penstock.schemas.avro.InferenceRequest;
import java.text.Normalizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request reduced to what can change its answer. Normalisation is only what is provably harmless:
 * Unicode NFC, line endings, trailing white space. Never case or punctuation: on real question
 * pairs "C" and "C++" would collide.
 *
 * <p>Left out, because they change nothing about the answer: id, acceptedAt, deadlineAt,
 * idempotencyKey, replyPartition, metadata. A test holds this list against the schema.
 *
 * @param scope who may share the answer: the tenant
 * @param alone the request's id when it wants an answer of its own
 */
record Canonical(
    String scope,
    String model,
    List<Turn> turns,
    @Nullable Integer maxTokens,
    @Nullable Double temperature,
    @Nullable String alone) {

  record Turn(String role, String content) {}

  static Canonical of(InferenceRequest request) {
    return new Canonical(
        request.getTenant(),
        request.getModel(),
        request.getMessages().stream()
            .map(message -> new Turn(message.getRole(), normalised(message.getContent())))
            .toList(),
        request.getMaxTokens(),
        request.getTemperature(),
        request.getUseCache() ? null : request.getId());
  }

  private static String normalised(String text) {
    String lines = text.indexOf('\r') < 0 ? text : text.replace("\r\n", "\n").replace('\r', '\n');
    return Normalizer.normalize(lines, Normalizer.Form.NFC).stripTrailing();
  }
}
