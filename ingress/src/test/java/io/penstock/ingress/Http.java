package io.penstock.ingress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;

/** A caller of one ingress instance. */
final class Http implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Ingress ingress;
  private final int port;

  Http(Ingress ingress) {
    this.ingress = ingress;
    this.port = ingress.port();
  }

  /** What came back. */
  record Got(int status, String body, HttpResponse<String> response) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new UncheckedIOException("no JSON: " + body, e);
      }
    }

    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    String id() {
      return header("x-penstock-id").orElseThrow();
    }

    String error() {
      return json().path("error").path("code").asText();
    }

    String field() {
      return json().path("error").path("field").asText();
    }
  }

  Got infer(String json, String... headers) {
    return post("/v1/inference", json, headers);
  }

  CompletableFuture<Got> inferLater(String json, String... headers) {
    return client
        .sendAsync(
            request("/v1/inference", headers).POST(BodyPublishers.ofString(json)).build(),
            BodyHandlers.ofString())
        .thenApply(Http::got);
  }

  /**
   * Posts until the request is stored in time: on a machine that pauses a short deadline may pass
   * before, and then its caller is told to try again.
   */
  Got postUntilStored(String path, String body, String... headers) {
    return Awaitility.await().until(() -> post(path, body, headers), got -> got.status() != 503);
  }

  Got post(String path, String body, String... headers) {
    return send(request(path, headers).POST(BodyPublishers.ofString(body)));
  }

  Got post(String path, byte[] body, String... headers) {
    return send(request(path, headers).POST(BodyPublishers.ofByteArray(body)));
  }

  Got get(String path, String... headers) {
    return send(request(path, headers).GET());
  }

  /** Posts, and reads what comes back as it comes. */
  Sse stream(String path, String json, String... headers) {
    try {
      var request = request(path, headers).POST(BodyPublishers.ofString(json)).build();
      return new Sse(client.send(request, BodyHandlers.ofInputStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  Got send(HttpRequest.Builder request) {
    try {
      return got(client.send(request.build(), BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  HttpRequest.Builder request(String path, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(PATIENCE);
    return headers.length == 0 ? request : request.headers(headers);
  }

  private static Got got(HttpResponse<String> response) {
    return new Got(response.statusCode(), response.body(), response);
  }

  int port() {
    return port;
  }

  /** Stops the instance. */
  @Override
  public void close() {
    ingress.close();
  }
}
