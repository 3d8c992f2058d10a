package io.penstock.infra.soak;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Many different questions to a dear model, all at once. */
final class Rush implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ANSWER_TOKENS = 150;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(30)).build();
  private final URI url;

  Rush(int port) {
    this.url = URI.create("http://127.0.0.1:" + port + "/v1/inference");
  }

  /**
   * What became of a question.
   *
   * @param status 0 when the connection broke
   * @param code why it was not answered; "" where it was
   */
  record End(int status, String code) {
    static Map<String, Long> counted(List<End> ends) {
      return ends.stream()
          .collect(
              Collectors.groupingBy(
                  end -> (end.status + " " + end.code).strip(),
                  TreeMap::new,
                  Collectors.counting()));
    }
  }

  /** Each future ends normally. */
  List<CompletableFuture<End>> ask(int count) {
    String rush = UUID.randomUUID().toString();
    return IntStream.range(0, count)
        .mapToObj(i ->
            "{\"model\":\"gpt-5.5\",\"max_tokens\":"
                + ANSWER_TOKENS
                + ",\"prompt\":\"question "
                + i
                + " of "
                + rush
                + "\"}")
        .map(body ->
            http.sendAsync(
                    HttpRequest.newBuilder(url)
                        .timeout(Duration.ofMinutes(4))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .handle((response, failure) ->
                    failure == null ? end(response) : new End(0, failure.toString())))
        .toList();
  }

  private static End end(HttpResponse<String> response) {
    try {
      return new End(
          response.statusCode(),
          JSON.readTree(response.body()).path("error").path("code").asText());
    } catch (JsonProcessingException e) {
      return new End(response.statusCode(), "no JSON");
    }
  }

  static List<End> ends(List<CompletableFuture<End>> asked) {
    return asked.stream().map(CompletableFuture::join).toList();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
