package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How a family of providers wants to be asked and how it answers. Implementations are values
 * without state; they see JSON only, never a connection. What is peculiar to a provider is in its
 * {@link Traits}.
 */
public sealed interface Dialect permits OpenAiDialect, AnthropicDialect {
  Dialect OPENAI = new OpenAiDialect();
  Dialect ANTHROPIC = new AnthropicDialect();

  /**
   * The dialect of a name in configuration.
   *
   * @throws IllegalArgumentException when there is none
   */
  static Dialect named(String name) {
    return switch (name) {
      case "openai" -> OPENAI;
      case "anthropic" -> ANTHROPIC;
      default ->
          throw new IllegalArgumentException(
              "\"" + name + "\" is no dialect: write openai or anthropic");
    };
  }

  /** The API of a request whose peculiarities this dialect understands. */
  io.penstock.schemas.avro.Dialect api();

  /**
   * Writes the body of a call. Here, behind the mapping of the request, is the place where prefixes
   * are marked for the provider's cache.
   *
   * @throws InexpressibleException when the dialect has no words for a part of the request
   */
  Question question(Inquiry inquiry);

  /** Reads the complete body of a response that the provider called a success. */
  Result read(Question question, JsonNode body);

  /** Reads a stream. */
  StreamReader stream(Question question);
}
