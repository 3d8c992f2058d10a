package io.penstock.infra.soak;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/** Callers that ask over HTTP and may be cut off. */
final class Asking implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final int[] ports;

  Asking(int... ports) {
    this.ports = ports;
  }

  /** Asks each prompt once; every future ends with the status, or 0 when the connection broke. */
  List<CompletableFuture<Integer>> ask(List<String> prompts) {
    var answers = new ArrayList<CompletableFuture<Integer>>();
    for (String prompt : prompts) {
      answers.add(
          http.sendAsync(request(prompt), HttpResponse.BodyHandlers.ofString())
              .handle((response, failure) -> failure == null ? response.statusCode() : 0));
    }
    return answers;
  }

  /** The status a GET gets, or 0 when nobody answers. */
  int get(String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(3)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private HttpRequest request(String prompt) {
    return HttpRequest.newBuilder(uri("/v1/inference"))
        .timeout(Duration.ofMinutes(3))
        .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"" + prompt + "\"}"))
        .build();
  }

  private URI uri(String path) {
    int port = ports[ThreadLocalRandom.current().nextInt(ports.length)];
    return URI.create("http://127.0.0.1:" + port + path);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
