package io.penstock.workers.provider;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is peculiar to some models of a provider. All rules that fit a model hold.
 *
 * @param models names, with {@code *} for anything; of the provider or of ours, in any case
 * @param except names that are not meant after all
 * @param deny parameters that these models refuse, by their names on the wire: they are left out.
 *     {@code name=a|b} is left out only where it has one of these values
 * @param limitField the name under which the bound on output tokens is sent; empty: as elsewhere
 * @param defaultMaxTokens the bound where a request sets none and one is required; 0: as elsewhere
 */
public record ModelRule(
    List<String> models,
    List<String> except,
    List<String> deny,
    String limitField,
    int defaultMaxTokens) {

  public ModelRule {
    models = List.copyOf(models);
    except = List.copyOf(except);
    deny = List.copyOf(deny);
    if (models.isEmpty()) {
      throw new IllegalArgumentException("a rule needs the names of the models it is for");
    }
  }

  boolean fits(String model) {
    return matches(models, model) && !matches(except, model);
  }

  private static boolean matches(List<String> globs, String model) {
    String name = model.toLowerCase(Locale.ROOT);
    return globs.stream().anyMatch(glob -> name.matches(regex(glob)));
  }

  private static String regex(String glob) {
    return List.of(glob.toLowerCase(Locale.ROOT).split("\\*", -1)).stream()
        .map(Pattern::quote)
        .collect(Collectors.joining(".*"));
  }
}
