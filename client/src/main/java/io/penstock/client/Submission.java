package io.penstock.client;

import io.penstock.schemas.avro.InferenceResponse;
import java.util.concurrent.CompletableFuture;

/**
 * A request on its way.
 *
 * @param id its request id, by which its response can be found for as long as it is remembered
 * @param accepted completes when the request is durable; fails with a {@link ClientException},
 *     after which it may be durable all the same: the broker may have taken it without our hearing
 *     so. Only under an idempotency key is it safe to send such a request again
 * @param response completes with the one terminal response; fails when {@code accepted} does, and
 *     with {@link ClientException.Closed} only once {@code accepted} has completed. Cancel it, or
 *     let it time out, to stop waiting: the request itself goes on.
 */
public record Submission(
    String id, CompletableFuture<Void> accepted, CompletableFuture<InferenceResponse> response) {}
