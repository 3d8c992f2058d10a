package io.penstock.infra.command;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;

/** Asks an ingress in this process whether the whole way works. */
final class Readiness {
  private static final Duration PAUSE = Duration.ofMillis(25);
  private static final int OK = 200;

  private final HttpRequest request;

  Readiness(URI ingress) {
    request =
        HttpRequest.newBuilder(ingress.resolve("/health/ready"))
            .timeout(Duration.ofSeconds(5))
            .build();
  }

  /** Returns once it says yes; a {@link CommandFailure} tells what is missing if it never does. */
  void await(Duration patience) {
    Instant until = Instant.now().plus(patience);
    String last = "no answer";
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (Instant.now().isBefore(until)) {
        try {
          HttpResponse<String> response =
              client.send(request, HttpResponse.BodyHandlers.ofString());
          if (response.statusCode() == OK) {
            return;
          }
          last = response.body();
        } catch (IOException e) {
          last = String.valueOf(e.getMessage());
        }
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new CommandFailure(
        "not ready after " + patience.toSeconds() + " s: " + last + " (see the log above)");
  }
}
