package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.policies.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.Okio;

/**
 * The HTTP calls about batches. None is repeated here: whether a batch was handed in is found out
 * by looking for it. Timed as a whole, since files are large.
 */
record BatchCalls(
    ProviderSettings settings, OkHttpClient client, Headers headers, InstantSource clock) {
  /** For 200 MB on a line of 3 Mbit/s. */
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private static final long LARGEST_REFUSAL = 64 * 1024;
  private static final RequestBody NOTHING = RequestBody.create(new byte[0]);

  JsonNode get(HttpUrl url) throws BatchRefusedException {
    return json(request(url).get().build());
  }

  JsonNode post(HttpUrl url, RequestBody body) throws BatchRefusedException {
    return json(request(url).post(body).build());
  }

  JsonNode post(HttpUrl url) throws BatchRefusedException {
    return post(url, NOTHING);
  }

  /** Deletes something that nobody needs any more; whether it is gone matters little. */
  void delete(HttpUrl url) throws BatchRefusedException {
    var _ = json(request(url).delete().build());
  }

  /** Reads a file of lines to the end of a file here. */
  void download(HttpUrl url, Path to) throws BatchRefusedException {
    try (Response response = execute(request(url).get().build());
        BufferedSink sink = Okio.buffer(Okio.appendingSink(to.toFile()))) {
      accepted(response);
      sink.writeAll(response.body().source());
      sink.writeByte('\n');
    } catch (IOException e) {
      throw mishap(e);
    }
  }

  private Request.Builder request(HttpUrl url) {
    return new Request.Builder().url(url).headers(headers);
  }

  private JsonNode json(Request request) throws BatchRefusedException {
    try (Response response = execute(request)) {
      accepted(response);
      JsonNode root = Json.tree(response.body().string());
      if (root == null || !root.isObject()) {
        throw new BatchRefusedException(
            Result.Failed.of(Reason.ANSWER_GARBLED, "the provider sent no JSON object"));
      }
      return root;
    } catch (IOException e) {
      throw mishap(e);
    }
  }

  private Response execute(Request request) throws IOException {
    Call call = client.newCall(request);
    call.timeout().timeout(LONGEST.toSeconds(), TimeUnit.SECONDS);
    return call.execute();
  }

  private void accepted(Response response) throws IOException, BatchRefusedException {
    if (!response.isSuccessful()) {
      BufferedSource source = response.body().source();
      source.request(LARGEST_REFUSAL);
      throw new BatchRefusedException(
          Refusal.read(
              settings.traits(),
              response.code(),
              response.headers(),
              source.getBuffer().readUtf8(),
              clock.instant()));
    }
  }

  private static BatchRefusedException mishap(IOException e) {
    return new BatchRefusedException(Exchange.mishap(e, true, LONGEST));
  }

  /** A file as the body of a call. */
  static RequestBody file(Path file, okhttp3.MediaType type) {
    return RequestBody.create(file.toFile(), type);
  }

  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
