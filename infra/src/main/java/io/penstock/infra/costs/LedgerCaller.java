package io.penstock.infra.costs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Asks an ingress for the ledger, and how budgets stand. */
public record LedgerCaller(URI url, Optional<String> apiKey) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
  private static final int OK = 200;

  /** The ledger cannot be had; the message says why, for people. */
  public static final class Untold extends Exception {
    Untold(String message) {
      super(message);
    }
  }

  /**
   * Asks for the ledger.
   *
   * @param parameters of the query, by name
   */
  public JsonNode ask(Map<String, String> parameters) throws Untold, InterruptedException {
    return ask("/v1/costs", "total", parameters);
  }

  /**
   * Asks how budgets stand.
   *
   * @param parameters of the query, by name
   */
  public JsonNode budgets(Map<String, String> parameters) throws Untold, InterruptedException {
    return ask("/v1/budgets", "budgets", parameters);
  }

  private JsonNode ask(String path, String holds, Map<String, String> parameters)
      throws Untold, InterruptedException {
    String query =
        parameters.entrySet().stream()
            .map(given ->
                given.getKey() + "=" + URLEncoder.encode(given.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path + "?" + query)).timeout(ANSWER_WITHIN);
    apiKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
    try (var http = HttpClient.newBuilder().connectTimeout(CONNECT_WITHIN).build()) {
      return told(http.send(request.build(), HttpResponse.BodyHandlers.ofString()), holds);
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw new Untold("nothing answers at " + url + ": start ./penstock up, or give --url");
    } catch (JsonProcessingException e) {
      throw new Untold(url + " answers, but not as an ingress does: give its --url");
    } catch (IOException e) {
      throw new Untold(url + " broke off without an answer (" + e + ")");
    }
  }

  private JsonNode told(HttpResponse<String> response, String holds)
      throws JsonProcessingException, Untold {
    JsonNode body = JSON.readTree(response.body());
    if (response.statusCode() == OK && body.has(holds)) {
      return body;
    }
    JsonNode error = body.path("error");
    String field = error.path("field").asText();
    String message = error.path("message").asText(url + " answers, but not as an ingress does");
    throw new Untold(
        (field.isEmpty() ? "" : "--" + field + ": ")
            + message
            + " (http "
            + response.statusCode()
            + ")");
  }
}
