package io.penstock.infra.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Callers of an OpenAI-shaped API, who read streams line by line. Each call blocks its thread. */
final class Streaming implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final URI base;

  Streaming(int port) {
    this.base = URI.create("http://127.0.0.1:" + port);
  }

  /**
   * How a stream went.
   *
   * @param firstToken from the call to the first piece of text; null when there was none
   * @param complete whether it ended as it should
   */
  record Stream(int status, @Nullable Duration firstToken, boolean complete) {}

  /** A plain call; its status. */
  int plain(String path, String body, Map<String, String> headers) throws IOException {
    return send(request(path, body, headers), HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  /**
   * Reads a stream of chat chunks.
   *
   * @param leaveAfter so many pieces are read, then the caller is gone; 0 stays to the end
   */
  Stream stream(String body, int leaveAfter) throws IOException {
    return stream(body, leaveAfter, Map.of());
  }

  Stream stream(String body, int leaveAfter, Map<String, String> headers) throws IOException {
    long begun = System.nanoTime();
    var response =
        send(
            request("/v1/chat/completions", body, headers),
            HttpResponse.BodyHandlers.ofInputStream());
    @Nullable Duration first = null;
    int pieces = 0;
    try (var lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data: [DONE]")) {
          return new Stream(response.statusCode(), first, true);
        }
        if (line.startsWith("data:")
            && line.contains("\"content\":\"")
            && !line.contains("\"content\":\"\"")) {
          first = first == null ? Duration.ofNanos(System.nanoTime() - begun) : first;
          if (++pieces == leaveAfter) {
            return new Stream(response.statusCode(), first, false); // closing hangs up
          }
        }
      }
    }
    return new Stream(response.statusCode(), first, false);
  }

  private HttpRequest request(String path, String body, Map<String, String> headers) {
    var request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return request.build();
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      return http.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
