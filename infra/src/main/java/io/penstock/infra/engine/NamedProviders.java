package io.penstock.infra.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.infra.config.ConfigurationException;
import io.penstock.infra.config.ProviderRow;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.workers.provider.ApiKey;
import io.penstock.workers.provider.Preset;
import io.penstock.workers.provider.Presets;
import io.penstock.workers.provider.ProviderSettings;
import java.net.URI;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The providers of the configuration file. */
final class NamedProviders {
  private NamedProviders() {}

  /**
   * How to call one.
   *
   * @throws ConfigurationException when its row says something that nobody understands
   */
  static ProviderSettings settings(ProviderRow row) {
    try {
      JsonNode rows = new ObjectMapper().createObjectNode().set(row.id(), row.traits());
      Preset preset =
          Objects.requireNonNull(Presets.read(row.place(), rows.toString()).get(row.id()));
      @Nullable ApiKey key = row.key().map(secret -> new ApiKey(secret.value())).orElse(null);
      return preset.settings(key);
    } catch (IllegalArgumentException e) {
      throw ConfigurationException.of(row.place(), String.valueOf(e.getMessage()));
    }
  }

  /** The models it serves: as the row says, or else as it says itself, or else as priced. */
  static Set<String> models(
      ProviderRow row, ProviderSettings provider, PriceCatalogue prices, ModelList modelList) {
    if (!row.models().isEmpty()) {
      return new TreeSet<>(row.models());
    }
    Set<String> told = modelList.ask(URI.create(provider.baseUrl()), row.key());
    return told.isEmpty() ? Providers.priced(provider.id(), prices) : told;
  }
}
