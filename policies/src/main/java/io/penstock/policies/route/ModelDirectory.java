package io.penstock.policies.route;

import io.penstock.schemas.avro.Candidate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which provider serves which model, and the model that {@code auto} stands for.
 *
 * @param providerByModel provider id by model name
 * @param defaultModel a key of {@code providerByModel}
 */
public record ModelDirectory(Map<String, String> providerByModel, String defaultModel) {
  /** The model name that leaves the choice to the engine. */
  public static final String AUTO = "auto";

  public ModelDirectory {
    providerByModel = Map.copyOf(providerByModel);
    if (!providerByModel.containsKey(defaultModel)) {
      throw new IllegalArgumentException(
          "the default model \"" + defaultModel + "\" is served by no configured provider");
    }
  }

  /** The name a request's model stands for: itself, or the default for {@code auto}. */
  public String resolve(String model) {
    return model.equals(AUTO) ? defaultModel : model;
  }

  /** Whether some provider serves the model, or the choice is left to us. */
  public boolean knows(String model) {
    return providerByModel.containsKey(resolve(model));
  }

  /** The plan for a request: the named model, or the default. Empty when nobody serves it. */
  public Optional<List<Candidate>> plan(String model) {
    String name = resolve(model);
    return Optional.ofNullable(providerByModel.get(name))
        .map(provider -> List.of(new Candidate(provider, name)));
  }
}
