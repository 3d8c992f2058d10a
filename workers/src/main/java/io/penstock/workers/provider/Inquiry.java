package io.penstock.workers.provider;

import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import java.util.List;

/**
 * A request on its way to a provider.
 *
 * @param model by our name
 * @param streamed whether the answer is to come piece by piece
 */
record Inquiry(
    ProviderSettings provider, String model, InferenceRequest request, boolean streamed) {
  private static final Options NONE =
      new Options(List.of(), null, null, null, null, null, null, List.of(), null, 1, null);

  Options options() {
    return request.getOptions() == null ? NONE : request.getOptions();
  }

  Traits traits() {
    return provider.traits();
  }

  String wireModel() {
    return provider.wireModel(model);
  }

  /**
   * Whether the provider speaks the API that the request was written for, so that what only that
   * API knows passes through. Our own API borrows OpenAI's words.
   */
  boolean spoken() {
    var written = request.getDialect();
    var api =
        written == io.penstock.schemas.avro.Dialect.PENSTOCK
            ? io.penstock.schemas.avro.Dialect.OPENAI
            : written;
    return api == provider.dialect().api();
  }
}
