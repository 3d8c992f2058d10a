package io.penstock.workers.provider;

import java.util.Map;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * A provider and how to reach it.
 *
 * @param id its name in plans, prices and metrics
 * @param traits how it speaks
 * @param baseUrl as the providers' own SDKs take it: with {@code /v1} for OpenAI, without for
 *     Anthropic
 * @param apiKey null for servers that ask for none
 * @param models the provider's names of models that we call otherwise, by our names
 */
public record ProviderSettings(
    String id, Traits traits, String baseUrl, @Nullable ApiKey apiKey, Map<String, String> models) {
  public static final String OPENAI_URL = "https://api.openai.com/v1";
  public static final String ANTHROPIC_URL = "https://api.anthropic.com";

  private static final String MODEL = "{model}";

  public ProviderSettings {
    if (id.isBlank()) {
      throw new IllegalArgumentException("a provider needs an id");
    }
    HttpUrl url = HttpUrl.parse(baseUrl);
    if (url == null || url.query() != null || url.fragment() != null) {
      throw new IllegalArgumentException(
          "the base URL of provider "
              + id
              + " must look like https://host/path, without a question mark or hash");
    }
    if (!url.username().isEmpty() || !url.password().isEmpty()) {
      throw new IllegalArgumentException(
          "the base URL of provider " + id + " must not hold credentials: set its API key instead");
    }
    models = Map.copyOf(models);
  }

  /** OpenAI, or a copy of it when {@code baseUrl} leads elsewhere. */
  public static ProviderSettings openAi(String id, String baseUrl, @Nullable ApiKey apiKey) {
    HttpUrl url = HttpUrl.parse(baseUrl);
    boolean original = url != null && url.host().equals(HttpUrl.get(OPENAI_URL).host());
    return Presets.named(original ? "openai" : "compatible").at(id, baseUrl, apiKey);
  }

  /** Anthropic, or whoever speaks its dialect at {@code baseUrl}. */
  public static ProviderSettings anthropic(String id, String baseUrl, @Nullable ApiKey apiKey) {
    return Presets.named("anthropic").at(id, baseUrl, apiKey);
  }

  /** The same provider, which has names of its own for some models. */
  public ProviderSettings naming(Map<String, String> wireNames) {
    return new ProviderSettings(id, traits, baseUrl, apiKey, wireNames);
  }

  /**
   * The same provider, which may be told of its prefix cache what the one of a preset may, and
   * takes batches as that one does.
   */
  public ProviderSettings offeringLike(Preset preset) {
    Traits like = preset.traits();
    return new ProviderSettings(
        id, traits.offering(like.promptCaching(), like.batches()), baseUrl, apiKey, models);
  }

  /** Whether it takes batches. */
  public boolean takesBatches() {
    return traits.batches() != Traits.Batches.NONE;
  }

  /** The API that it speaks. */
  public Dialect dialect() {
    return traits.dialect();
  }

  String wireModel(String model) {
    return models.getOrDefault(model, model);
  }

  /** Our name of the model that a response names; as named, where we have no other. */
  @Nullable String ourModel(@Nullable String named, String asked) {
    return named != null && named.equals(wireModel(asked)) ? asked : named;
  }

  /** Where chats with a model go. */
  HttpUrl chat(String wireModel) {
    return endpoint(traits.chatPath(), wireModel);
  }

  /** Where texts are embedded; null where they are not. */
  @Nullable HttpUrl embeddings(String wireModel) {
    return traits.embeddingsPath() == null ? null : endpoint(traits.embeddingsPath(), wireModel);
  }

  /** A path of its API below the base URL. */
  HttpUrl at(String path) {
    return endpoint(path, "");
  }

  private HttpUrl endpoint(String path, String wireModel) {
    var url = HttpUrl.get(baseUrl).newBuilder();
    for (String segment : path.split("/", -1)) {
      url.addPathSegment(segment.replace(MODEL, wireModel));
    }
    traits.query().forEach(url::addQueryParameter);
    if (apiKey != null && traits.auth() instanceof Auth.Query(String name)) {
      url.addQueryParameter(name, apiKey.value());
    }
    return url.build();
  }
}
