package io.penstock.workers.provider;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a provider before anybody has an account there.
 *
 * @param name by which configuration refers to it
 * @param baseUrl where it is; null where everybody has an own address
 * @param traits how it speaks
 * @param models its names of models that we call otherwise, by our names
 */
public record Preset(
    String name, @Nullable String baseUrl, Traits traits, Map<String, String> models) {

  /** The provider at its usual address, under the preset's name. */
  public ProviderSettings settings(@Nullable ApiKey apiKey) {
    if (baseUrl == null) {
      throw new IllegalArgumentException(
          "the preset " + name + " has no address of its own: give its base URL");
    }
    return at(name, baseUrl, apiKey);
  }

  /** A provider that speaks so, elsewhere or under another id. */
  public ProviderSettings at(String id, String url, @Nullable ApiKey apiKey) {
    return new ProviderSettings(id, traits, url, apiKey, models);
  }
}
