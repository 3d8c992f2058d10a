package io.penstock.workers.provider;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a provider speaks, beyond its dialect (docs/measurements.md, Providers §4). A value; made of
 * a row of JSON by {@link Presets}.
 *
 * @param dialect the API that it speaks
 * @param chatPath below the base URL; {@code {model}} stands for the model
 * @param embeddingsPath likewise; null where there are none
 * @param auth where it wants the key
 * @param headers sent with every call
 * @param query likewise
 * @param limitField the name under which the bound on output tokens is sent
 * @param defaultMaxTokens the bound where a request sets none and one is required
 * @param systemRole what becomes of system texts
 * @param streamOptions whether it knows {@code stream_options}; without them most tell no usage of
 *     a stream
 * @param usage how it counts
 * @param cachedTokens whether it tells tokens read from its prefix cache
 * @param promptCaching what it may be told of its prefix cache
 * @param batches how it takes many requests as one, for less
 * @param rules what is peculiar to some of its models
 * @param quotaCodes types and codes of errors by which it says that somebody must pay
 * @param rateHeaders how it tells its limits
 * @param timeouts how long it may take
 */
public record Traits(
    Dialect dialect,
    String chatPath,
    @Nullable String embeddingsPath,
    Auth auth,
    Map<String, String> headers,
    Map<String, String> query,
    String limitField,
    int defaultMaxTokens,
    SystemRole systemRole,
    boolean streamOptions,
    UsageStyle usage,
    CachedTokens cachedTokens,
    PromptCaching promptCaching,
    Batches batches,
    List<ModelRule> rules,
    Set<String> quotaCodes,
    RateHeaders rateHeaders,
    Timeouts timeouts) {

  /** What becomes of system texts in a dialect that has them among the turns. */
  public enum SystemRole {
    /** They are all of the role {@code system}. */
    SYSTEM,
    /** It knows the role {@code developer} too: roles are as the request has them. */
    DEVELOPER,
    /** It knows neither: they stand before what the user says first. */
    MERGE_USER
  }

  /** Whether tokens read from the prefix cache are told; where that is unknown, none is no zero. */
  public enum CachedTokens {
    YES,
    NO,
    UNKNOWN
  }

  /** What may be said of the prefix cache: others may refuse what they do not know. */
  public enum PromptCaching {
    NONE,
    /** Who belongs together. */
    KEY,
    /** That, and where the prefixes end that are to be kept. */
    MARKS
  }

  /** The API for batches: whose it is like. */
  public enum Batches {
    NONE,
    /** Lines in a file. */
    OPENAI,
    /** All in one call. */
    ANTHROPIC
  }

  /** The names of the headers that tell limits. */
  public enum RateHeaders {
    OPENAI,
    ANTHROPIC,
    NONE
  }

  /**
   * How long a provider may take.
   *
   * @param connect until there is a connection
   * @param call for a whole call, whatever the deadline; null leaves it to the deadline
   * @param idle between two bytes of a response that has begun, and before its first; null sets no
   *     bound but that of the call, since a model may think for minutes
   */
  public record Timeouts(Duration connect, @Nullable Duration call, @Nullable Duration idle) {
    public static final Timeouts USUAL = new Timeouts(Duration.ofSeconds(5), null, null);
  }

  public Traits {
    headers = Map.copyOf(headers);
    query = Map.copyOf(query);
    rules = List.copyOf(rules);
    quotaCodes = Set.copyOf(quotaCodes);
    if (defaultMaxTokens < 1) {
      throw new IllegalArgumentException(
          "the default bound on output tokens must be positive, not " + defaultMaxTokens);
    }
  }

  /** These, but for what may be said of the prefix cache and how batches are taken. */
  Traits offering(PromptCaching what, Batches batches) {
    return new Traits(
        dialect,
        chatPath,
        embeddingsPath,
        auth,
        headers,
        query,
        limitField,
        defaultMaxTokens,
        systemRole,
        streamOptions,
        usage,
        cachedTokens,
        what,
        batches,
        rules,
        quotaCodes,
        rateHeaders,
        timeouts);
  }

  /** Parameters that a model refuses, under either of its names. */
  List<String> denied(String model, String wireModel) {
    return rules(model, wireModel).flatMap(rule -> rule.deny().stream()).distinct().toList();
  }

  String limitField(String model, String wireModel) {
    return rules(model, wireModel)
        .map(ModelRule::limitField)
        .filter(field -> !field.isEmpty())
        .findFirst()
        .orElse(limitField);
  }

  int defaultMaxTokens(String model, String wireModel) {
    return rules(model, wireModel)
        .map(ModelRule::defaultMaxTokens)
        .filter(tokens -> tokens > 0)
        .findFirst()
        .orElse(defaultMaxTokens);
  }

  private Stream<ModelRule> rules(String model, String wireModel) {
    return rules.stream().filter(rule -> rule.fits(model) || rule.fits(wireModel));
  }
}
