package io.penstock.infra.engine;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.ConfigurationException;
import io.penstock.infra.config.ProviderRow;
import io.penstock.infra.config.Setting;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.workers.provider.ApiKey;
import io.penstock.workers.provider.Presets;
import io.penstock.workers.provider.ProviderSettings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which providers are called, and for which models.
 *
 * @param settings how to call them
 * @param models what may be asked for
 * @param simulator where the simulator is that stands for all of them, if it does
 */
public record Providers(
    List<ProviderSettings> settings, ModelDirectory models, Optional<URI> simulator) {
  private static final String OPENAI = "openai";
  private static final String ANTHROPIC = "anthropic";
  private static final String SIMULATOR_KEY = "simulated";
  private static final int EXAMPLES = 5;

  // Small and cheap, so that trying Penstock on a real key costs next to nothing.
  private static final List<String> USUAL_DEFAULTS =
      List.of("gpt-5-mini", "gpt-4o-mini", "claude-haiku-4-5", "claude-3-5-haiku-20241022");

  /** Every model of the price catalogue, each at its own provider id, all served by a simulator. */
  static Providers simulated(URI base, Configuration.Models configured, PriceCatalogue prices) {
    Map<String, String> providerByModel = prices.providerByModel();
    List<ProviderSettings> settings =
        new TreeSet<>(providerByModel.values()).stream().map(id -> simulated(id, base)).toList();
    return new Providers(settings, directory(providerByModel, configured), Optional.of(base));
  }

  /** The configured providers. A URL of one's own is asked which models it serves. */
  static Providers real(
      Configuration.Models configured, PriceCatalogue prices, ModelList modelList) {
    var settings = new TreeMap<String, ProviderSettings>();
    var providerByModel = new TreeMap<String, String>();
    for (ProviderRow row : configured.others()) {
      ProviderSettings provider = NamedProviders.settings(row);
      settings.put(provider.id(), provider);
      NamedProviders.models(row, provider, prices, modelList)
          .forEach(model -> providerByModel.putIfAbsent(model, provider.id()));
    }
    configured
        .anthropic()
        .ifPresent(provider -> {
          settings.put(ANTHROPIC, anthropic(provider));
          priced(ANTHROPIC, prices).forEach(model -> providerByModel.putIfAbsent(model, ANTHROPIC));
        });
    configured
        .openai()
        .ifPresent(provider -> {
          settings.put(OPENAI, openAi(OPENAI, provider));
          served(provider, prices, modelList)
              .forEach((model, seller) -> {
                settings.computeIfAbsent(seller, id -> openAi(id, provider));
                providerByModel.putIfAbsent(model, seller);
              });
        });
    configured
        .defaultModel()
        .filter(model -> theOne(configured) != null)
        .ifPresent(model -> providerByModel.putIfAbsent(model, String.valueOf(theOne(configured))));
    return new Providers(
        List.copyOf(settings.values()), directory(providerByModel, configured), Optional.empty());
  }

  /** The one provider that is configured; null where there are several. */
  private static @Nullable String theOne(Configuration.Models configured) {
    var ids = new ArrayList<String>();
    configured.others().forEach(row -> ids.add(row.id()));
    configured.openai().ifPresent(_ -> ids.add(OPENAI));
    configured.anthropic().ifPresent(_ -> ids.add(ANTHROPIC));
    return ids.size() == 1 ? ids.getFirst() : null;
  }

  /** The ids of those that take batches. */
  Set<String> takingBatches() {
    return settings.stream()
        .filter(ProviderSettings::takesBatches)
        .map(ProviderSettings::id)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Who is called, for people. */
  public String summary() {
    return simulator
        .map(url ->
            "simulator at "
                + url
                + ": no OPENAI_API_KEY or ANTHROPIC_API_KEY is set, so nothing is paid")
        .orElseGet(() ->
            settings.stream()
                .collect(
                    Collectors.groupingBy(
                        provider -> provider.baseUrl().toString(),
                        TreeMap::new,
                        Collectors.mapping(ProviderSettings::id, Collectors.joining(", "))))
                .entrySet()
                .stream()
                .map(at -> at.getValue() + " at " + at.getKey())
                .collect(Collectors.joining("; ")));
  }

  /**
   * The models of an OpenAI-compatible server, each with whoever sells it: a server that lists the
   * models of other vendors passes calls on to them, at their prices.
   */
  private static Map<String, String> served(
      Configuration.Provider provider, PriceCatalogue prices, ModelList modelList) {
    Set<String> told =
        provider.own() ? modelList.ask(provider.baseUrl(), provider.key()) : Set.of();
    Set<String> models = told.isEmpty() ? priced(OPENAI, prices) : told;
    Map<String, String> sellers = prices.providerByModel();
    return models.stream()
        .collect(Collectors.toMap(model -> model, model -> sellers.getOrDefault(model, OPENAI)));
  }

  static Set<String> priced(String provider, PriceCatalogue prices) {
    return prices.providerByModel().entrySet().stream()
        .filter(entry -> entry.getValue().equals(provider))
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static ModelDirectory directory(
      Map<String, String> providerByModel, Configuration.Models configured) {
    String chosen =
        configured
            .defaultModel()
            .or(() -> USUAL_DEFAULTS.stream().filter(providerByModel::containsKey).findFirst())
            .or(() -> new TreeSet<>(providerByModel.keySet()).stream().findFirst())
            .orElseThrow(() -> noModels(configured));
    if (!providerByModel.containsKey(chosen)) {
      throw ConfigurationException.of(
          Setting.DEFAULT_MODEL,
          chosen,
          "no configured provider serves it; choose one that is, such as "
              + providerByModel.keySet().stream()
                  .sorted()
                  .limit(EXAMPLES)
                  .collect(Collectors.joining(", ")));
    }
    return new ModelDirectory(providerByModel, chosen);
  }

  private static ConfigurationException noModels(Configuration.Models configured) {
    return ConfigurationException.of(
        Setting.PRICES,
        configured.prices().map(Object::toString).orElse("bundled"),
        "it prices no model of a configured provider; add rows, or name a model with "
            + Setting.DEFAULT_MODEL.shownAs());
  }

  private static ProviderSettings simulated(String id, URI base) {
    ProviderSettings settings =
        id.equals(ANTHROPIC)
            ? ProviderSettings.anthropic(id, base.toString(), new ApiKey(SIMULATOR_KEY))
            : ProviderSettings.openAi(
                id, base.resolve("/v1").toString(), new ApiKey(SIMULATOR_KEY));
    return Presets.names().contains(id) ? settings.offeringLike(Presets.named(id)) : settings;
  }

  private static ProviderSettings openAi(String id, Configuration.Provider provider) {
    @Nullable ApiKey key = key(Setting.OPENAI_KEY, provider);
    try {
      return ProviderSettings.openAi(id, provider.baseUrl().toString(), key);
    } catch (IllegalArgumentException e) {
      throw unusable(Setting.OPENAI_URL, provider, e);
    }
  }

  private static ProviderSettings anthropic(Configuration.Provider provider) {
    @Nullable ApiKey key = key(Setting.ANTHROPIC_KEY, provider);
    try {
      return ProviderSettings.anthropic(ANTHROPIC, provider.baseUrl().toString(), key);
    } catch (IllegalArgumentException e) {
      throw unusable(Setting.ANTHROPIC_URL, provider, e);
    }
  }

  private static @Nullable ApiKey key(Setting setting, Configuration.Provider provider) {
    try {
      return provider.key().map(secret -> new ApiKey(secret.value())).orElse(null);
    } catch (IllegalArgumentException e) {
      throw ConfigurationException.of(setting, "", String.valueOf(e.getMessage()));
    }
  }

  private static ConfigurationException unusable(
      Setting url, Configuration.Provider provider, IllegalArgumentException why) {
    URI given = provider.baseUrl();
    return ConfigurationException.of(
        url,
        given.getRawUserInfo() == null ? given : given.getHost(),
        String.valueOf(why.getMessage()));
  }
}
