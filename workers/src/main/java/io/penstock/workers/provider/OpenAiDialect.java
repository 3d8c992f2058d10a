package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Endpoint;

/**
 * OpenAI's chat completions and embeddings, and everyone who copies them (docs/measurements.md,
 * Providers §1.1 and §4).
 */
record OpenAiDialect() implements Dialect {

  @Override
  public io.penstock.schemas.avro.Dialect api() {
    return io.penstock.schemas.avro.Dialect.OPENAI;
  }

  @Override
  public Question question(Inquiry inquiry) {
    return switch (inquiry.request().getEndpoint()) {
      case CHAT -> OpenAiChat.question(inquiry);
      case EMBEDDINGS -> OpenAiEmbeddings.question(inquiry);
    };
  }

  @Override
  public Result read(Question question, JsonNode body) {
    return question.inquiry().request().getEndpoint() == Endpoint.EMBEDDINGS
        ? OpenAiEmbeddings.read(question, body)
        : OpenAiAnswer.read(question, body);
  }

  @Override
  public StreamReader stream(Question question) {
    return new OpenAiStream(question);
  }
}
