package io.penstock.embedded.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.awaitility.Awaitility;

/** A simulator with a few priced models, and a plain HTTP client that speaks to it. */
final class TestingSimulator implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final MediaType JSON_TYPE = MediaType.get("application/json");

  final OkHttpClient http =
      new OkHttpClient.Builder()
          .retryOnConnectionFailure(false)
          .readTimeout(Duration.ofMinutes(2))
          .build();
  private final Simulator simulator;

  private TestingSimulator(Latency latency) {
    simulator = Simulator.start(SimulatorSettings.defaults().withLatency(latency), prices());
  }

  /** An answer, as it came over the wire. */
  record Reply(int status, okhttp3.Headers headers, String body) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new UncheckedIOException(body, e);
      }
    }
  }

  static TestingSimulator atOnce() {
    return with(Latency.NONE);
  }

  static TestingSimulator with(Latency latency) {
    return new TestingSimulator(latency);
  }

  static InputStream prices() {
    return Objects.requireNonNull(TestingSimulator.class.getResourceAsStream("prices.json"));
  }

  static ObjectNode chat(String model, String prompt) {
    ObjectNode body = JSON.createObjectNode().put("model", model);
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    return body;
  }

  static ObjectNode message(String model, String prompt) {
    return chat(model, prompt).put("max_tokens", 1_000);
  }

  static ObjectNode streamed(ObjectNode body) {
    return body.put("stream", true);
  }

  static ObjectNode streamedWithUsage(ObjectNode body) {
    streamed(body).putObject("stream_options").put("include_usage", true);
    return body;
  }

  /** A tool with a schema that has one of everything usual. */
  static JsonNode weatherSchema() {
    return json(
        """
        {"type": "object", "additionalProperties": false,
         "required": ["city", "unit", "days", "alerts", "place"],
         "properties": {
           "city": {"type": "string"},
           "unit": {"enum": ["celsius", "fahrenheit"]},
           "days": {"type": "integer", "minimum": 1, "maximum": 7},
           "alerts": {"type": "boolean"},
           "place": {"type": "object", "required": ["lat", "tags"], "properties": {
             "lat": {"type": "number", "minimum": -90, "maximum": 90},
             "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2}}}}}
        """);
  }

  static void assertIsWeather(JsonNode value) {
    assertThat(value.path("city").isTextual()).isTrue();
    assertThat(value.path("unit").textValue()).isIn("celsius", "fahrenheit");
    assertThat(value.path("days").isIntegralNumber()).isTrue();
    assertThat(value.path("days").intValue()).isBetween(1, 7);
    assertThat(value.path("alerts").isBoolean()).isTrue();
    assertThat(value.at("/place/lat").isNumber()).isTrue();
    assertThat(value.at("/place/lat").doubleValue()).isBetween(-90.0, 90.0);
    assertThat(value.at("/place/tags").size()).isGreaterThanOrEqualTo(2);
    assertThat(value.at("/place/tags")).allMatch(JsonNode::isTextual);
    assertThat(value).hasSize(5);
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  /** What the data lines of a stream hold. */
  static List<JsonNode> data(String stream) {
    List<JsonNode> data = new ArrayList<>();
    for (String line : stream.split("\n", -1)) {
      if (line.startsWith("data: ") && !line.equals("data: [DONE]")) {
        data.add(json(line.substring("data: ".length())));
      }
    }
    return data;
  }

  /** Prose of {@code tokens} tokens, as the simulator counts them. */
  static String prose(int tokens) {
    return "dam ".repeat(tokens);
  }

  int port() {
    return simulator.port();
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  Reply complete(JsonNode body) throws IOException {
    return post("/v1/chat/completions", body.toString());
  }

  Reply message(JsonNode body) throws IOException {
    return post("/v1/messages", body.toString());
  }

  /** Puts a plan for batches in force that takes no time, but for what {@code fields} say. */
  void planBatches(String fields) throws IOException {
    ObjectNode plan = JSON.createObjectNode().put("per_batch_ms", 0).put("per_item_ms", 0);
    plan.setAll((ObjectNode) json(fields));
    assertThat(
            send(request("/admin/batches")
                    .put(RequestBody.create(plan.toString(), JSON_TYPE))
                    .build())
                .status())
        .isEqualTo(200);
  }

  /** Uploads the lines of a batch; the id of the file. */
  String upload(String lines) throws IOException {
    RequestBody body =
        new MultipartBody.Builder()
            .setType(MultipartBody.FORM)
            .addFormDataPart("purpose", "batch")
            .addFormDataPart("file", "b.jsonl", RequestBody.create(lines, null))
            .build();
    return send(request("/v1/files").post(body).build()).json().path("id").textValue();
  }

  /** Begins a batch of calls of OpenAI's; its id. */
  String startBatch(String endpoint, String lines) throws IOException {
    ObjectNode order = JSON.createObjectNode().put("input_file_id", upload(lines));
    order.put("endpoint", endpoint).put("completion_window", "24h");
    order.putObject("metadata").put("seal", "7");
    return post("/v1/batches", order.toString()).json().path("id").textValue();
  }

  /** Waits until something that is asked for says so. */
  JsonNode await(String path, String field, String value) {
    return Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofMinutes(1))
        .until(() -> get(path).json(), json -> json.path(field).asText().equals(value));
  }

  /** The lines of a file, by what each calls itself. */
  Map<String, JsonNode> lines(String path) throws IOException {
    Map<String, JsonNode> lines = new LinkedHashMap<>();
    get(path)
        .body()
        .lines()
        .map(TestingSimulator::json)
        .forEach(line -> lines.put(line.path("custom_id").textValue(), line));
    return lines;
  }

  Reply post(String path, String body) throws IOException {
    return send(request(path).post(RequestBody.create(body, JSON_TYPE)).build());
  }

  Reply get(String path) throws IOException {
    return send(request(path).build());
  }

  Reply delete(String path) throws IOException {
    return send(request(path).delete().build());
  }

  Request.Builder request(String path) {
    return new Request.Builder()
        .url(url(path))
        .header("Authorization", "Bearer sk-secret")
        .header("x-api-key", "sk-secret")
        .header("anthropic-version", "2023-06-01");
  }

  Reply send(Request request) throws IOException {
    try (Response response = http.newCall(request).execute()) {
      return new Reply(response.code(), response.headers(), response.body().string());
    }
  }

  JsonNode stats() throws IOException {
    return get("/admin/stats").json();
  }

  BigDecimal cost() throws IOException {
    return new BigDecimal(stats().path("cost_usd").textValue());
  }

  BigDecimal undelivered() throws IOException {
    return new BigDecimal(stats().path("undelivered_cost_usd").textValue());
  }

  JsonNode statsOf(String model) throws IOException {
    return stats().path("by_model").path(model);
  }

  JsonNode newestCall() throws IOException {
    return get("/admin/calls").json().path(0);
  }

  void failAlways(String kind) throws IOException {
    post("/admin/faults", "{\"rate\": 1, \"kinds\": [\"" + kind + "\"], \"timeout_ms\": 200}");
  }

  void stop() {
    simulator.close();
  }

  @Override
  public void close() {
    stop();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
