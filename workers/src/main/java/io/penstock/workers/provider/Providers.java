package io.penstock.workers.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.schemas.Limits;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.InferenceRequest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.internal.http2.ErrorCode;
import okhttp3.internal.http2.StreamResetException;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configured providers. One call is one HTTP request at most, and every end of it is a {@link
 * Result}. For any thread; a call blocks its own.
 */
public final class Providers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Providers.class);

  // A byte of text may be written as six, escaped, and something stands around the text; what is
  // larger still is no answer of ours.
  private static final int LARGEST_BODY = 6 * Limits.LARGEST_TEXT_BYTES + 1024 * 1024;
  private static final long LARGEST_REFUSAL = 64 * 1024;

  private final Map<String, Provider> providers = new HashMap<>();
  private final Http http = new Http();
  private final ObjectMapper json = new ObjectMapper(unboundedText());
  private final InstantSource clock;

  private record Provider(Dialect dialect, HttpUrl endpoint, Headers headers) {}

  /**
   * @throws IllegalArgumentException when two providers have the same id
   */
  public Providers(List<ProviderSettings> settings, InstantSource clock) {
    this.clock = clock;
    for (ProviderSettings each : settings) {
      var provider =
          new Provider(
              each.dialect(), each.endpoint(), Headers.of(each.dialect().headers(each.apiKey())));
      if (providers.put(each.id(), provider) != null) {
        throw new IllegalArgumentException("two providers are called " + each.id());
      }
    }
  }

  /** The bound on a body is enough: text beyond another one could not even be told its price. */
  private static JsonFactory unboundedText() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder().maxStringLength(LARGEST_BODY).build())
        .build();
  }

  /** Whether a provider with this id is configured. */
  public boolean serves(String provider) {
    return providers.containsKey(provider);
  }

  /**
   * Puts {@code request} to a candidate.
   *
   * @param candidate of a provider that is configured
   * @param timeout for the whole call, from the first connection attempt to the last byte
   */
  public Result call(Candidate candidate, InferenceRequest request, Duration timeout) {
    Provider provider = providers.get(candidate.getProvider());
    if (provider == null) {
      throw new IllegalArgumentException("no provider is called " + candidate.getProvider());
    }
    var body = new QuestionBody(bytes(provider.dialect.question(candidate.getModel(), request)));
    Call call =
        http.client(provider.endpoint)
            .newCall(
                new Request.Builder()
                    .url(provider.endpoint)
                    .headers(provider.headers)
                    .post(body)
                    .build());
    call.timeout().timeout(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
    try (Response response = call.execute()) {
      return response.isSuccessful() ? success(provider.dialect, response) : refusal(response);
    } catch (IOException e) {
      LOG.debug("call to {} failed", candidate.getProvider(), e);
      return mishap(e, body.mayHaveLeft(), timeout);
    }
  }

  private byte[] bytes(JsonNode question) {
    try {
      return json.writeValueAsBytes(question);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written", e);
    }
  }

  private Result success(Dialect dialect, Response response) throws IOException {
    BufferedSource source = response.body().source();
    if (source.request(LARGEST_BODY + 1)) {
      return tooLarge(null, null);
    }
    return parse(source.readByteArray(), dialect);
  }

  private Result parse(byte[] body, Dialect dialect) {
    try {
      JsonNode root = json.readTree(body);
      return root.isObject()
          ? bounded(dialect.read(root))
          : Result.Failed.garbled("nothing, or no JSON object", null, null);
    } catch (JsonEOFException e) {
      return Result.Failed.of(
          Reason.ANSWER_TRUNCATED, "the provider's response ends in the middle");
    } catch (IOException e) {
      return Result.Failed.garbled("a response that is not JSON", null, null);
    }
  }

  private static Result bounded(Result result) {
    return switch (result) {
      case Result.Answered(Answer answer, var model, var usage) when exceeds(answer.getText()) ->
          tooLarge(model, usage);
      case Result.Answered answered -> answered;
      case Result.Failed failed -> failed;
    };
  }

  private static boolean exceeds(String text) {
    // A character of UTF-16 is at most three bytes of UTF-8: short texts need no counting.
    return text.length() > Limits.LARGEST_TEXT_BYTES / 3
        && text.getBytes(StandardCharsets.UTF_8).length > Limits.LARGEST_TEXT_BYTES;
  }

  private static Result tooLarge(@Nullable String model, @Nullable Tokens usage) {
    return new Result.Failed(
        Reason.ANSWER_TOO_LARGE,
        "the answer is larger than " + Limits.LARGEST_TEXT_BYTES + " bytes",
        Advice.NONE,
        model,
        usage);
  }

  private Result refusal(Response response) {
    return Refusal.read(
        json, response.code(), response.headers(), beginning(response), clock.instant());
  }

  /** As much of a refusal as could be read: its status alone says enough. */
  private static String beginning(Response response) {
    try {
      BufferedSource source = response.body().source();
      source.request(LARGEST_REFUSAL);
      return source.getBuffer().readString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  static Result.Failed mishap(IOException e, boolean mayHaveLeft, Duration timeout) {
    if (!mayHaveLeft || unprocessed(e)) {
      return Result.Failed.of(
          Reason.PROVIDER_UNREACHABLE,
          "the provider could not be reached ("
              + e.getClass().getSimpleName()
              + "): check its base URL and the network");
    }
    if (e instanceof InterruptedIOException) {
      return Result.Failed.of(
          Reason.PROVIDER_TIMEOUT,
          "the provider did not answer within " + timeout.toMillis() + " ms");
    }
    return Result.Failed.of(
        Reason.ANSWER_TRUNCATED,
        "the connection to the provider broke before its answer was complete");
  }

  /** HTTP/2 says so when a server hangs up on a request that it has not looked at. */
  private static boolean unprocessed(IOException e) {
    return e instanceof StreamResetException reset && reset.errorCode == ErrorCode.REFUSED_STREAM;
  }

  /** Breaks off all calls: they end as mishaps. */
  public void cancelAll() {
    http.cancelAll();
  }

  @Override
  public void close() {
    http.close();
  }
}
