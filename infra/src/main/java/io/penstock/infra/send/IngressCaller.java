package io.penstock.infra.send;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Speaks to an ingress. May be used from any thread. */
public final class IngressCaller implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);
  private static final Duration ANSWER_WITHIN = Duration.ofMinutes(11);
  private static final int OK = 200;
  private static final int ACCEPTED = 202;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_WITHIN)
          .build();
  private final String url;
  private final Optional<String> apiKey;

  public IngressCaller(URI url, Optional<String> apiKey) {
    this.url = url.toString().replaceAll("/+$", "");
    this.apiKey = apiKey;
  }

  /** Sends one request now and waits. */
  public Outcome ask(Template template, Prompt prompt) throws InterruptedException {
    return ask(template.body(prompt), System.nanoTime());
  }

  /**
   * Sends one request and waits.
   *
   * @param due when it should have been sent: a late sender does not hide a slow server
   */
  Outcome ask(String body, long due) throws InterruptedException {
    try {
      HttpResponse<String> response =
          send(
              request("/v1/inference")
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body)));
      return outcome(response, Duration.ofNanos(System.nanoTime() - due));
    } catch (IOException e) {
      return Outcome.failed("no_connection", Duration.ofNanos(System.nanoTime() - due));
    }
  }

  /** The ledger by cause. */
  Optional<JsonNode> costs() throws InterruptedException {
    try {
      HttpResponse<String> response = send(request("/v1/costs?by=cause").GET());
      return response.statusCode() == OK
          ? Optional.of(JSON.readTree(response.body()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(ANSWER_WITHIN);
    apiKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
    return request;
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Outcome outcome(HttpResponse<String> response, Duration took)
      throws JsonProcessingException {
    JsonNode body = JSON.readTree(response.body());
    return switch (response.statusCode()) {
      case OK ->
          new Outcome(
              Outcome.Kind.ANSWERED,
              body.path("served_by").asText(),
              body.path("text").asText(),
              amount(body.path("cost_usd")),
              amount(body.path("avoided_usd")),
              took);
      case ACCEPTED ->
          new Outcome(
              Outcome.Kind.ACCEPTED,
              body.path("id").asText(),
              "",
              BigDecimal.ZERO,
              BigDecimal.ZERO,
              took);
      default ->
          new Outcome(
              Outcome.Kind.FAILED,
              body.path("error").path("code").asText("http_" + response.statusCode()),
              body.path("error").path("message").asText(),
              BigDecimal.ZERO,
              BigDecimal.ZERO,
              took);
    };
  }

  private static BigDecimal amount(JsonNode decimal) {
    return decimal.isTextual() ? new BigDecimal(decimal.asText()) : BigDecimal.ZERO;
  }

  @Override
  public void close() {
    http.close();
  }
}
