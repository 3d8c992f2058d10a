package io.penstock.workers.provider;

import io.penstock.policies.prefix.OwnMarks;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.PromptCache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way to a provider.
 *
 * @param model by our name
 * @param streamed whether the answer is to come piece by piece
 * @param cache what the provider is told of its prefix cache; null for nothing
 */
record Inquiry(
    ProviderSettings provider,
    String model,
    InferenceRequest request,
    boolean streamed,
    @Nullable PromptCache cache) {
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
   * What the provider is told of its prefix cache, as far as it understands that. Whoever asks may
   * say it in words of his own, and then these alone are said: a leader's successor asks the same
   * as the leader for whom ours were decided, but has marks of its own.
   */
  @Nullable PromptCache promptCache() {
    if (cache == null || OwnMarks.in(request)) {
      return null;
    }
    return switch (traits().promptCaching()) {
      case NONE -> null;
      case KEY -> cache.getKey() == null ? null : new PromptCache(cache.getKey(), List.of(), false);
      case MARKS -> cache;
    };
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
