package io.penstock.ingress.json;

import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked, in the words of the log.
 *
 * @param input what to embed, as JSON
 * @param asides fields that are passed on and cannot change the answer, as one JSON object
 */
public record Question(
    Dialect dialect,
    Endpoint endpoint,
    String model,
    List<Message> messages,
    @Nullable String input,
    @Nullable Integer maxTokens,
    @Nullable Double temperature,
    @Nullable Options options,
    @Nullable String asides,
    @Nullable String serviceTier) {}
