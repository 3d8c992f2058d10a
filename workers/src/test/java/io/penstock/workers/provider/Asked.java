package io.penstock.workers.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Messages;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.TrustedRecords;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.PromptCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A request in the making, and the JSON that tests compare it with. */
final class Asked {
  private static final ObjectMapper JSON = new ObjectMapper();

  static {
    TrustedRecords.trust(); // A record that is built copies its defaults.
  }

  private final List<Message> messages = new ArrayList<>();
  private @Nullable Integer maxTokens;
  private @Nullable Double temperature;
  private @Nullable Options options;
  private @Nullable String asides;
  private @Nullable String tier;
  private @Nullable String input;
  private Dialect dialect = Dialect.PENSTOCK;

  static Asked aRequest() {
    return new Asked();
  }

  Asked saying(String role, String content) {
    messages.add(Messages.text(role, content));
    return this;
  }

  Asked limitedTo(int tokens) {
    maxTokens = tokens;
    return this;
  }

  Asked at(double degrees) {
    temperature = degrees;
    return this;
  }

  /** A turn in parts. */
  Asked saying(String role, Object... parts) {
    messages.add(new Message(role, "", null, List.of(parts)));
    return this;
  }

  /** A turn of somebody with a name. */
  Asked named(String role, String name, String content) {
    messages.add(new Message(role, content, name, List.of()));
    return this;
  }

  /** Written for this API. */
  Asked in(Dialect api) {
    dialect = api;
    return this;
  }

  Asked with(UnaryOperator<Options.Builder> change) {
    options = change.apply(Options.newBuilder()).build();
    return this;
  }

  Asked aside(String singleQuoted) {
    asides = singleQuoted.replace('\'', '"');
    return this;
  }

  Asked tier(String word) {
    tier = word;
    return this;
  }

  Asked embedding(String singleQuoted) {
    input = singleQuoted.replace('\'', '"');
    return this;
  }

  InferenceRequest now() {
    return new InferenceRequest(
        "r-1",
        "default",
        "auto",
        messages,
        maxTokens,
        temperature,
        true,
        null,
        null,
        null,
        null,
        Map.of("team", "never sent"),
        input == null ? Endpoint.CHAT : Endpoint.EMBEDDINGS,
        input,
        options,
        dialect,
        asides,
        null,
        null,
        tier,
        false);
  }

  /** JSON in single quotes, for tests to read well. */
  static JsonNode json(String singleQuoted) {
    try {
      return JSON.readTree(singleQuoted.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(singleQuoted, e);
    }
  }

  /** How a provider of a preset would be asked. */
  static Question question(String preset, String model, InferenceRequest request) {
    return question(Presets.named(preset).at("p", "http://x/v1", null), model, request, false);
  }

  static Question question(
      ProviderSettings provider, String model, InferenceRequest request, boolean streamed) {
    return provider.dialect().question(new Inquiry(provider, model, request, streamed, null));
  }

  /** How it would be asked when it is to be told this of its prefix cache. */
  static Question question(String preset, InferenceRequest request, PromptCache cache) {
    ProviderSettings provider = Presets.named(preset).at("p", "http://x/v1", null);
    return provider.dialect().question(new Inquiry(provider, "m", request, false, cache));
  }

  /** How a provider of a preset is understood, when "m" was asked whether somebody is there. */
  static Result read(String preset, String singleQuoted) {
    Question question = question(preset, "m", aRequest().saying("user", "Hi").now());
    return question.inquiry().provider().dialect().read(question, json(singleQuoted));
  }

  /** A bill that tells model and tokens. */
  static Bill bill(@Nullable String model, @Nullable Tokens usage) {
    return new Bill(model, null, usage, List.of(), null);
  }
}
