package io.penstock.infra.send;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
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
      return outcome(response, since(due));
    } catch (ConnectException | HttpConnectTimeoutException e) {
      return Outcome.failed(
          "no_connection",
          "nothing answers at " + url + ": start ./penstock up, or give --url",
          since(due));
    } catch (JsonProcessingException e) {
      return Outcome.failed(
          "not_penstock", url + " answers, but not as an ingress does: give its --url", since(due));
    } catch (IOException e) {
      return Outcome.failed(
          "broken_connection", url + " broke off without an answer (" + e + ")", since(due));
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

  private static Duration since(long due) {
    return Duration.ofNanos(System.nanoTime() - due);
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
      case ACCEPTED -> Outcome.accepted(body.path("id").asText(), took);
      default -> {
        String code = "http_" + response.statusCode();
        JsonNode error = body.path("error");
        yield Outcome.failed(
            error.path("code").asText(code), error.path("message").asText(code), took);
      }
    };
  }

  private static Optional<BigDecimal> amount(JsonNode decimal) {
    return decimal.isTextual() ? Optional.of(new BigDecimal(decimal.asText())) : Optional.empty();
  }

  @Override
  public void close() {
    http.close();
  }
}
