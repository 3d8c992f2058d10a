package io.penstock.infra.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks an OpenAI-compatible server for the models it serves ({@code GET /models}). */
final class ModelList {
  private static final Logger LOG = LoggerFactory.getLogger(ModelList.class);
  private static final int OK = 200;

  private final Duration patience;

  /** Asks each server for as long as {@code patience}. */
  ModelList(Duration patience) {
    this.patience = patience;
  }

  /** Model names; empty when the server does not say, in which case the price file decides. */
  Set<String> ask(URI baseUrl, Optional<Secret> key) {
    URI url = URI.create(baseUrl.toString().replaceAll("/+$", "") + "/models");
    HttpRequest.Builder request = HttpRequest.newBuilder(url).timeout(patience).GET();
    key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret.value()));
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(patience).build()) {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() == OK) {
        return ids(response.body());
      }
      LOG.info(
          "{} answered {}: taking model names from the price file", url, response.statusCode());
    } catch (IOException e) {
      LOG.info("{} did not answer: taking model names from the price file", url);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Set.of();
  }

  private static Set<String> ids(String body) throws IOException {
    var ids = new TreeSet<String>();
    for (JsonNode model : new ObjectMapper().readTree(body).path("data")) {
      if (model.path("id").isTextual()) {
        ids.add(model.path("id").asText());
      }
    }
    return ids;
  }
}
