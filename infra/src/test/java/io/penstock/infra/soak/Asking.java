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
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Callers that ask over HTTP and may be cut off. */
final class Asking implements AutoCloseable {
  private static final int OK = 200;

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

  /** Waits until an ingress says that the whole way works. */
  void awaitReady() {
    Awaitility.await()
        .atMost(Duration.ofMinutes(4))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> IntStream.of(ports).allMatch(port -> get(uri(port, "/health/ready")) == OK));
  }

  private int get(URI uri) {
    try {
      return http.send(
              HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(3)).build(),
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
    int port = ports[ThreadLocalRandom.current().nextInt(ports.length)];
    return HttpRequest.newBuilder(uri(port, "/v1/inference"))
        .timeout(Duration.ofMinutes(3))
        .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"" + prompt + "\"}"))
        .build();
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
