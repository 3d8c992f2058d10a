package io.penstock.infra.engine;

import io.penstock.infra.config.Configuration;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.workers.provider.ApiKey;
import io.penstock.workers.provider.ProviderSettings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which providers are called, and for which models.
 *
 * @param settings how to call them
 * @param models what may be asked for
 */
public record Providers(List<ProviderSettings> settings, ModelDirectory models) {
  private static final String OPENAI = "openai";
  private static final String ANTHROPIC = "anthropic";
  private static final String SIMULATOR_KEY = "simulated";

  // Small and cheap, so that trying Penstock on a real key costs next to nothing.
  private static final List<String> USUAL_DEFAULTS =
      List.of("gpt-5-mini", "gpt-4o-mini", "claude-haiku-4-5", "claude-3-5-haiku-20241022");

  /** Every model of the price catalogue, each at its own provider id, all served by a simulator. */
  static Providers simulated(int port, PriceCatalogue prices, Optional<String> defaultModel) {
    Map<String, String> providerByModel = prices.providerByModel();
    URI base = URI.create("http://127.0.0.1:" + port);
    List<ProviderSettings> settings =
        new TreeSet<>(providerByModel.values()).stream().map(id -> simulated(id, base)).toList();
    return new Providers(settings, directory(providerByModel, defaultModel));
  }

  /** The configured providers. A URL of one's own is asked which models it serves. */
  static Providers real(
      Configuration.Models configured, PriceCatalogue prices, ModelList modelList) {
    var settings = new ArrayList<ProviderSettings>();
    var providerByModel = new TreeMap<String, String>();
    configured
        .openai()
        .ifPresent(provider -> {
          settings.add(
              ProviderSettings.openAi(OPENAI, provider.baseUrl().toString(), key(provider)));
          served(OPENAI, provider, prices, modelList)
              .forEach(model -> providerByModel.put(model, OPENAI));
        });
    configured
        .anthropic()
        .ifPresent(provider -> {
          settings.add(
              ProviderSettings.anthropic(ANTHROPIC, provider.baseUrl().toString(), key(provider)));
          priced(ANTHROPIC, prices).forEach(model -> providerByModel.putIfAbsent(model, ANTHROPIC));
        });
    configured
        .defaultModel()
        .filter(model -> !providerByModel.containsKey(model) && settings.size() == 1)
        .ifPresent(model -> providerByModel.put(model, settings.getFirst().id()));
    return new Providers(settings, directory(providerByModel, configured.defaultModel()));
  }

  private static Set<String> served(
      String id, Configuration.Provider provider, PriceCatalogue prices, ModelList modelList) {
    if (provider.own()) {
      Set<String> told = modelList.ask(provider.baseUrl(), provider.key());
      if (!told.isEmpty()) {
        return told;
      }
    }
    return priced(id, prices);
  }

  private static Set<String> priced(String provider, PriceCatalogue prices) {
    var models = new TreeSet<String>();
    prices
        .providerByModel()
        .forEach((model, seller) -> {
          if (seller.equals(provider)) {
            models.add(model);
          }
        });
    return models;
  }

  private static ModelDirectory directory(
      Map<String, String> providerByModel, Optional<String> defaultModel) {
    String chosen =
        defaultModel
            .or(() -> USUAL_DEFAULTS.stream().filter(providerByModel::containsKey).findFirst())
            .orElseGet(() -> new TreeSet<>(providerByModel.keySet()).first());
    return new ModelDirectory(providerByModel, chosen);
  }

  private static ProviderSettings simulated(String id, URI base) {
    return id.equals(ANTHROPIC)
        ? ProviderSettings.anthropic(id, base.toString(), new ApiKey(SIMULATOR_KEY))
        : ProviderSettings.openAi(id, base.resolve("/v1").toString(), new ApiKey(SIMULATOR_KEY));
  }

  private static @Nullable ApiKey key(Configuration.Provider provider) {
    return provider.key().map(secret -> new ApiKey(secret.value())).orElse(null);
  }
}
