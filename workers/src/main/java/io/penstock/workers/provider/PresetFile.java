package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.penstock.workers.provider.Traits.Batches;
import io.penstock.workers.provider.Traits.CachedTokens;
import io.penstock.workers.provider.Traits.PromptCaching;
import io.penstock.workers.provider.Traits.RateHeaders;
import io.penstock.workers.provider.Traits.SystemRole;
import io.penstock.workers.provider.Traits.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads rows of {@link Presets}; a field that nobody knows is an error. */
final class PresetFile {
  private final Map<String, Preset> known;
  private final List<String> problems = new ArrayList<>();
  private final String source;

  private PresetFile(String source, Map<String, Preset> known) {
    this.source = source;
    this.known = new LinkedHashMap<>(known);
  }

  static Map<String, Preset> read(String source, String json, Map<String, Preset> known) {
    JsonNode rows = Json.tree(json);
    if (rows == null || !rows.isObject()) {
      throw new IllegalArgumentException(source + " is no JSON object of rows by name");
    }
    var file = new PresetFile(source, known);
    var read = new LinkedHashMap<String, Preset>();
    rows.properties().forEach(row -> file.add(row.getKey(), row.getValue(), read));
    if (!file.problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", file.problems));
    }
    return Collections.unmodifiableMap(read);
  }

  private void add(String name, JsonNode row, Map<String, Preset> read) {
    var fields = new JsonFields(source + ": row " + name, row, problems);
    String like = fields.text("like", null);
    Preset base = like == null ? null : known.get(like);
    if (like != null && base == null) {
      fields.complain("like", "there is no row " + like + " before it");
    }
    Preset preset =
        new Preset(
            name,
            fields.text("base_url", base == null ? null : base.baseUrl()),
            traits(fields, base == null ? null : base.traits()),
            fields.texts("model_map", base == null ? Map.of() : base.models()));
    fields.end();
    known.put(name, preset);
    read.put(name, preset);
  }

  private Traits traits(JsonFields fields, @Nullable Traits base) {
    Traits usual = base == null ? usual(fields.text("dialect", "openai")) : base;
    Dialect dialect = base == null ? usual.dialect() : dialect(fields, base.dialect());
    int most = fields.count("default_max_tokens", usual.defaultMaxTokens());
    return new Traits(
        dialect,
        fields.some("chat_path", usual.chatPath()),
        fields.text("embeddings_path", usual.embeddingsPath()),
        fields.parsed("auth", usual.auth(), Auth::parse),
        fields.texts("extra_headers", usual.headers()),
        fields.texts("extra_query", usual.query()),
        fields.some("max_tokens_param", usual.limitField()),
        Math.max(1, most),
        fields.word("system_role", SystemRole.class, usual.systemRole()),
        fields.flag("supports_stream_options", usual.streamOptions()),
        fields.word("usage_style", UsageStyle.class, usual.usage()),
        fields.word("cached_tokens_reported", CachedTokens.class, usual.cachedTokens()),
        fields.word("prompt_cache", PromptCaching.class, usual.promptCaching()),
        fields.word("batch_api", Batches.class, usual.batches()),
        rules(fields, usual.rules()),
        Set.copyOf(fields.list("quota_error_codes", List.copyOf(usual.quotaCodes()))),
        fields.word("rate_header_style", RateHeaders.class, usual.rateHeaders()),
        timeouts(fields.object("timeouts"), usual.timeouts()));
  }

  private static Dialect dialect(JsonFields fields, Dialect usual) {
    return fields.parsed("dialect", usual, Dialect::named);
  }

  /** What holds of anybody who speaks a dialect and says no more. */
  private Traits usual(@Nullable String word) {
    boolean anthropic = "anthropic".equals(word);
    if (!anthropic && !"openai".equals(word)) {
      problems.add(source + ": dialect " + word + " is neither openai nor anthropic");
    }
    return new Traits(
        anthropic ? Dialect.ANTHROPIC : Dialect.OPENAI,
        anthropic ? "v1/messages" : "chat/completions",
        anthropic ? null : "embeddings",
        anthropic ? new Auth.Header("x-api-key") : new Auth.Bearer(),
        anthropic ? Map.of("anthropic-version", "2023-06-01") : Map.of(),
        Map.of(),
        "max_tokens",
        4096,
        SystemRole.SYSTEM,
        true,
        anthropic ? UsageStyle.ANTHROPIC : UsageStyle.OPENAI,
        CachedTokens.YES,
        PromptCaching.NONE,
        Batches.NONE,
        List.of(),
        Set.of(),
        anthropic ? RateHeaders.ANTHROPIC : RateHeaders.OPENAI,
        Timeouts.USUAL);
  }

  private List<ModelRule> rules(JsonFields fields, List<ModelRule> usual) {
    JsonNode given = fields.take("models");
    if (given instanceof MissingNode) {
      return usual;
    }
    var rules = new ArrayList<ModelRule>();
    int index = 0;
    for (JsonNode each : given) {
      var rule = new JsonFields(fields.where() + ": models[" + index++ + "]", each, problems);
      List<String> models = rule.list("names", List.of());
      var except = rule.list("except", List.of());
      var deny = rule.list("param_denylist", List.of());
      String limit = rule.some("max_tokens_param", "");
      int most = rule.count("default_max_tokens", 0);
      rule.end();
      if (models.isEmpty()) {
        rule.complain("names", "it names no model; write [\"*\"] for all");
      } else {
        rules.add(new ModelRule(models, except, deny, limit, most));
      }
    }
    if (!given.isArray()) {
      fields.complain("models", "it must be a list");
    }
    rules.addAll(usual);
    return rules;
  }

  private static Timeouts timeouts(JsonFields fields, Timeouts usual) {
    Duration connect = fields.parsed("connect", usual.connect(), Durations::required);
    Duration call = fields.parsedOrNull("call", usual.call(), Durations::required);
    Duration idle = fields.parsedOrNull("idle", usual.idle(), Durations::required);
    fields.end();
    return new Timeouts(connect, call, idle);
  }
}
