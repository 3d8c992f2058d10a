package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Endpoint;

/** Anthropic's messages (docs/measurements.md, Providers §2.1). */
record AnthropicDialect() implements Dialect {

  @Override
  public io.penstock.schemas.avro.Dialect api() {
    return io.penstock.schemas.avro.Dialect.ANTHROPIC;
  }

  @Override
  public Question question(Inquiry inquiry) {
    if (inquiry.request().getEndpoint() == Endpoint.EMBEDDINGS) {
      throw new InexpressibleException("embeddings");
    }
    return AnthropicMessages.question(inquiry);
  }

  @Override
  public Result read(Question question, JsonNode body) {
    return AnthropicAnswer.read(question, body);
  }

  @Override
  public StreamReader stream(Question question) {
    return new AnthropicStream(question);
  }
}
