package io.penstock.workers.provider;

import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * A provider and how to reach it.
 *
 * @param id its name in plans, prices and metrics
 * @param baseUrl as the providers' own SDKs take it: with {@code /v1} for OpenAI, without for
 *     Anthropic
 * @param apiKey null for servers that ask for none
 */
public record ProviderSettings(
    String id, Dialect dialect, String baseUrl, @Nullable ApiKey apiKey) {
  public static final String OPENAI_URL = "https://api.openai.com/v1";
  public static final String ANTHROPIC_URL = "https://api.anthropic.com";

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
  }

  /** OpenAI, or a copy of it when {@code baseUrl} leads elsewhere. */
  public static ProviderSettings openAi(String id, String baseUrl, @Nullable ApiKey apiKey) {
    HttpUrl url = HttpUrl.parse(baseUrl);
    boolean original = url != null && url.host().equals(HttpUrl.get(OPENAI_URL).host());
    return new ProviderSettings(
        id, original ? OpenAiDialect.ORIGINAL : OpenAiDialect.COMPATIBLE, baseUrl, apiKey);
  }

  /** Anthropic, or whoever speaks its dialect at {@code baseUrl}. */
  public static ProviderSettings anthropic(String id, String baseUrl, @Nullable ApiKey apiKey) {
    return new ProviderSettings(id, AnthropicDialect.DEFAULT, baseUrl, apiKey);
  }

  HttpUrl endpoint() {
    return HttpUrl.get(baseUrl).newBuilder().addPathSegments(dialect.path()).build();
  }
}
