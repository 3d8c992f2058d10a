package io.penstock.schemas.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.WireSchemas;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.jspecify.annotations.Nullable;

/**
 * A client of any registry that speaks Confluent's REST interface: Confluent, Karapace, Redpanda,
 * Apicurio (with its path {@code /apis/ccompat/v7}). What has been learnt is kept for ever, since
 * an id never changes its meaning. Safe for use by any thread; a miss blocks for one request.
 *
 * <p>The first URL that answers is used until it fails to. Only a schema that the registry does not
 * know is registered, so that a user who may only read can work with schemas that are there.
 */
public final class HttpSchemaRegistry implements SchemaRegistry {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final MediaType MEDIA_TYPE = MediaType.get(CONTENT_TYPE);

  private final OkHttpClient client;
  private final List<HttpUrl> urls;
  private volatile int preferred;
  private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

  private record Registration(String subject, Schema schema) {}

  public HttpSchemaRegistry(RegistrySettings settings) {
    this.client = client(settings);
    this.urls = settings.urls().stream().map(url -> HttpUrl.get(url.toString())).toList();
  }

  private static OkHttpClient client(RegistrySettings settings) {
    var builder =
        new OkHttpClient.Builder()
            .connectTimeout(settings.connectTimeout())
            .readTimeout(settings.readTimeout())
            .writeTimeout(settings.readTimeout());
    Credentials credentials = settings.credentials();
    if (credentials != null) {
      String basic =
          okhttp3.Credentials.basic(
              credentials.user(), credentials.password().value(), StandardCharsets.UTF_8);
      builder.addInterceptor(chain ->
          chain.proceed(chain.request().newBuilder().header("Authorization", basic).build()));
    }
    TlsSettings tls = settings.tls();
    if (tls != null) {
      var trustManager = tls.trustManager();
      builder.sslSocketFactory(tls.context(trustManager).getSocketFactory(), trustManager);
    }
    return builder.build();
  }

  @Override
  public int register(String subject, Schema schema) {
    var registration = new Registration(subject, schema);
    Integer known = ids.get(registration);
    if (known != null) {
      return known;
    }
    ObjectNode body =
        JSON.createObjectNode().put("schema", WireSchemas.portable(schema).toString());
    int id = idIn(lookUpOrRegister(subject, body));
    ids.put(registration, id);
    return id;
  }

  private JsonNode lookUpOrRegister(String subject, ObjectNode body) {
    try {
      return call(body, "subjects", subject);
    } catch (RegistryException.NotFound e) {
      return call(body, "subjects", subject, "versions");
    }
  }

  private static int idIn(JsonNode answer) {
    if (!answer.path("id").canConvertToInt()) {
      throw notARegistry(answer.toString());
    }
    return answer.path("id").asInt();
  }

  @Override
  public Schema byId(int id) {
    Schema known = schemas.get(id);
    if (known != null) {
      return known;
    }
    Schema schema = parse(call(null, "schemas", "ids", Integer.toString(id)));
    schemas.put(id, schema);
    return schema;
  }

  /** Parses a schema after those that it refers to: Apicurio's own clients split nested types. */
  private Schema parse(JsonNode answer) {
    try {
      return parse(answer, new Schema.Parser(), new HashSet<>());
    } catch (SchemaParseException e) {
      throw new RegistryException.Refused(
          "the registry holds a schema that is not Avro: " + e.getMessage());
    }
  }

  private Schema parse(JsonNode answer, Schema.Parser parser, Set<JsonNode> seen) {
    for (JsonNode reference : answer.path("references")) {
      if (seen.add(reference)) {
        String subject = reference.path("subject").asText();
        String version = reference.path("version").asText();
        parse(call(null, "subjects", subject, "versions", version), parser, seen);
      }
    }
    return parser.parse(answer.path("schema").asText());
  }

  private JsonNode call(@Nullable ObjectNode body, String... path) {
    var failures = new StringJoiner("; ");
    IOException last = null;
    int first = preferred;
    for (int i = 0; i < urls.size() && !Thread.currentThread().isInterrupted(); i++) {
      int at = (first + i) % urls.size();
      try (Response response = client.newCall(request(urls.get(at), body, path)).execute()) {
        if (isWorthAnotherTry(response.code())) {
          failures.add(urls.get(at) + " answered " + response.code());
          continue;
        }
        String text = response.body().string();
        preferred = at;
        return answer(response, text);
      } catch (IOException e) {
        failures.add(urls.get(at) + ": " + e.getMessage());
        last = e;
      }
    }
    throw new RegistryException.Unavailable(
        "no schema registry answered (" + failures + "); check its URL and that it runs", last);
  }

  private static Request request(HttpUrl base, @Nullable ObjectNode body, String... path) {
    var url = base.newBuilder();
    for (String segment : path) {
      url.addPathSegment(segment);
    }
    var request = new Request.Builder().url(url.build()).header("Accept", CONTENT_TYPE);
    return body == null
        ? request.build()
        : request.post(RequestBody.create(body.toString(), MEDIA_TYPE)).build();
  }

  private static boolean isWorthAnotherTry(int status) {
    return status >= 500 || status == 408 || status == 429;
  }

  private static JsonNode answer(Response response, String text) {
    JsonNode json = json(text);
    if (response.isSuccessful() && json.isObject()) {
      return json;
    }
    String message = response.code() + " " + json.path("message").asText(response.message());
    throw switch (response.code()) {
      case 404 ->
          json.has("error_code") ? new RegistryException.NotFound(message) : stranger(response);
      case 409 -> new RegistryException.Incompatible(message);
      case 401, 403 ->
          new RegistryException.Refused(message + "; check the schema registry's user");
      case 422 -> new RegistryException.Refused(message);
      default -> stranger(response);
    };
  }

  private static RegistryException stranger(Response response) {
    return notARegistry(response.request().url() + " answered " + response.code());
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }

  /**
   * A wrong path must not look like an unknown id, which would send records to the dead letters.
   */
  private static RegistryException notARegistry(String seen) {
    return new RegistryException.Refused(
        "this is no schema registry: " + seen + "; check the URL and its path");
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
