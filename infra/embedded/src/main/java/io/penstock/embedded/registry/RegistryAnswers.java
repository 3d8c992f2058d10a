package io.penstock.embedded.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/**
 * The questions of the Confluent REST interface, each with its answer in JSON. Refusals are {@link
 * RestError}s and {@link io.penstock.schemas.registry.RegistryException}s.
 */
final class RegistryAnswers {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final String LATEST = "latest";
  private static final String ONLY_MODE = "READWRITE";

  private final LocalRegistry registry;

  RegistryAnswers(LocalRegistry registry) {
    this.registry = registry;
  }

  JsonNode nothing(Context ctx) {
    return JSON.createObjectNode();
  }

  JsonNode types(Context ctx) {
    return strings(List.of("AVRO"));
  }

  JsonNode schema(Context ctx) {
    return JSON.createObjectNode().put("schema", schemaById(ctx).toString());
  }

  JsonNode bareSchema(Context ctx) {
    return tree(schemaById(ctx).toString());
  }

  JsonNode subjectsOfId(Context ctx) {
    schemaById(ctx);
    int id = id(ctx);
    return strings(
        registry.read(s -> s.uses(id)).stream().map(Entry.Registered::subject).distinct().toList());
  }

  JsonNode versionsOfId(Context ctx) {
    schemaById(ctx);
    int id = id(ctx);
    ArrayNode all = JSON.createArrayNode();
    registry
        .read(s -> s.uses(id))
        .forEach(v -> all.addObject().put("subject", v.subject()).put("version", v.version()));
    return all;
  }

  JsonNode subjects(Context ctx) {
    return strings(registry.read(RegistryState::subjects));
  }

  JsonNode versions(Context ctx) {
    ArrayNode all = JSON.createArrayNode();
    known(subject(ctx)).forEach(v -> all.add(v.version()));
    return all;
  }

  JsonNode version(Context ctx) {
    return full(versionAsked(ctx));
  }

  JsonNode bareVersion(Context ctx) {
    return tree(versionAsked(ctx).schema().toString());
  }

  JsonNode register(Context ctx) {
    return JSON.createObjectNode().put("id", registry.register(subject(ctx), schemaGiven(ctx)));
  }

  JsonNode find(Context ctx) {
    String subject = subject(ctx);
    Schema schema = schemaGiven(ctx);
    known(subject);
    return registry
        .read(s -> s.find(subject, schema))
        .map(RegistryAnswers::full)
        .orElseThrow(() -> RestError.noSchema("under subject '" + subject + "'"));
  }

  JsonNode compatibleWithAll(Context ctx) {
    return compatible(ctx, registry.read(s -> s.versions(subject(ctx))));
  }

  JsonNode compatibleWithOne(Context ctx) {
    String subject = subject(ctx);
    boolean first = registry.read(s -> s.versions(subject)).isEmpty();
    boolean latest = ctx.pathParam("version").equals(LATEST);
    return compatible(ctx, first && latest ? List.of() : List.of(versionAsked(ctx)));
  }

  private JsonNode compatible(Context ctx, List<Entry.Registered> earlier) {
    String subject = subject(ctx);
    Schema schema = schemaGiven(ctx);
    List<String> objections = registry.read(s -> s.objections(subject, earlier, schema));
    ObjectNode answer = JSON.createObjectNode().put("is_compatible", objections.isEmpty());
    if (flag(ctx, "verbose")) {
      answer.set("messages", strings(objections));
    }
    return answer;
  }

  JsonNode ruleOfAll(Context ctx) {
    return level(registry.read(RegistryState::ruleOfAll));
  }

  JsonNode rule(Context ctx) {
    String subject = subject(ctx);
    Optional<Compatibility> own = registry.read(s -> s.ownRule(subject));
    return level(
        flag(ctx, "defaultToGlobal")
            ? own.orElseGet(() -> registry.read(RegistryState::ruleOfAll))
            : own.orElseThrow(() -> RestError.noRule(subject)));
  }

  JsonNode setRuleOfAll(Context ctx) {
    return set(new Entry.RuledAll(ruleGiven(ctx)), ruleGiven(ctx));
  }

  JsonNode setRule(Context ctx) {
    return set(new Entry.Ruled(subject(ctx), ruleGiven(ctx)), ruleGiven(ctx));
  }

  JsonNode unsetRule(Context ctx) {
    String subject = subject(ctx);
    Optional<Compatibility> own = registry.read(s -> s.ownRule(subject));
    Compatibility rule = own.orElseThrow(() -> RestError.noSubject(subject));
    registry.commit(new Entry.Unruled(subject));
    return level(rule);
  }

  private JsonNode set(Entry entry, Compatibility rule) {
    registry.commit(entry);
    return JSON.createObjectNode().put("compatibility", rule.name());
  }

  JsonNode mode(Context ctx) {
    return JSON.createObjectNode().put("mode", ONLY_MODE);
  }

  JsonNode setMode(Context ctx) {
    String mode = body(ctx).path("mode").asText();
    if (!mode.equals(ONLY_MODE)) {
      throw RestError.invalidMode(mode);
    }
    return mode(ctx);
  }

  private Schema schemaById(Context ctx) {
    return registry.byId(id(ctx));
  }

  private static int id(Context ctx) {
    String id = ctx.pathParam("id");
    try {
      return Integer.parseInt(id);
    } catch (NumberFormatException e) {
      throw RestError.noSchema(id);
    }
  }

  private static String subject(Context ctx) {
    return ctx.pathParam("subject");
  }

  private static boolean flag(Context ctx, String name) {
    return Boolean.parseBoolean(ctx.queryParam(name));
  }

  private List<Entry.Registered> known(String subject) {
    List<Entry.Registered> versions = registry.read(s -> s.versions(subject));
    if (versions.isEmpty()) {
      throw RestError.noSubject(subject);
    }
    return versions;
  }

  private Entry.Registered versionAsked(Context ctx) {
    String asked = ctx.pathParam("version");
    if (!asked.equals(LATEST) && !asked.matches("[1-9][0-9]{0,8}")) {
      throw RestError.invalidVersion(asked);
    }
    List<Entry.Registered> versions = known(subject(ctx));
    return asked.equals(LATEST)
        ? versions.getLast()
        : versions.stream()
            .filter(v -> v.version() == Integer.parseInt(asked))
            .findFirst()
            .orElseThrow(() -> RestError.noVersion(asked));
  }

  private static Schema schemaGiven(Context ctx) {
    JsonNode body = body(ctx);
    if (!body.path("schemaType").asText("AVRO").equals("AVRO")) {
      throw RestError.invalidSchema("only AVRO schemas are kept here");
    }
    if (!body.path("references").isEmpty()) {
      throw RestError.invalidSchema("references are not resolved here; send the whole schema");
    }
    try {
      return new Schema.Parser().parse(body.path("schema").asText());
    } catch (SchemaParseException e) {
      throw RestError.invalidSchema("Input schema is an invalid Avro schema: " + e.getMessage());
    }
  }

  private static Compatibility ruleGiven(Context ctx) {
    String name = body(ctx).path("compatibility").asText();
    try {
      return Compatibility.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw RestError.invalidRule(name);
    }
  }

  private static JsonNode body(Context ctx) {
    return tree(ctx.body());
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw RestError.unreadable("the body is not JSON: " + e.getOriginalMessage());
    }
  }

  private static JsonNode full(Entry.Registered version) {
    return JSON.createObjectNode()
        .put("subject", version.subject())
        .put("version", version.version())
        .put("id", version.id())
        .put("schema", version.schema().toString());
  }

  private static JsonNode level(Compatibility rule) {
    return JSON.createObjectNode().put("compatibilityLevel", rule.name());
  }

  private static JsonNode strings(Collection<String> texts) {
    ArrayNode all = JSON.createArrayNode();
    texts.forEach(all::add);
    return all;
  }
}
