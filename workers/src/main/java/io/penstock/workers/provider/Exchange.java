package io.penstock.workers.provider;

import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.policies.Reason;
import io.penstock.policies.stream.Piece;
import io.penstock.policies.stream.Replay;
import io.penstock.schemas.Limits;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Delta;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.Response;
import okhttp3.internal.http2.ErrorCode;
import okhttp3.internal.http2.StreamResetException;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: one HTTP request at most, and every end of it is a {@link Result}.
 *
 * @param question what is asked
 * @param body of the call
 * @param call the HTTP call, with its time limit
 * @param timeout the same limit, for people
 * @param line on which the call is made
 * @param sink null when the answer is wanted as a whole
 * @param heard hears the headers of the response as soon as they are there
 */
record Exchange(
    Question question,
    QuestionBody body,
    Call call,
    Duration timeout,
    Line line,
    @Nullable DeltaSink sink,
    Hearer heard,
    InstantSource clock) {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private static final long LARGEST_REFUSAL = 64 * 1024;
  private static final int LARGEST_EVENT = Limits.LARGEST_TEXT_BYTES + 64 * 1024;

  /** How long a stream may stay open behind an answer's last word, for the usage to come. */
  private static final Duration AFTERMATH = Duration.ofSeconds(2);

  /** Who listens to what a response says before its body. */
  interface Hearer {
    void headers(Headers headers, int status);
  }

  /** What came, and whether it was a refusal for too many calls that asked for no wait. */
  record Outcome(Result result, boolean limitedWithoutWait) {}

  Outcome take() {
    if (!line.take(call)) {
      return plain(withdrawn());
    }
    try (Response response = call.execute()) {
      heard.headers(response.headers(), response.code());
      if (!response.isSuccessful()) {
        Result.Failed refusal = refusal(response);
        return new Outcome(
            refusal,
            refusal.reason() == Reason.RATE_LIMITED
                && response.headers().get("retry-after") == null);
      }
      return plain(sink != null && !isJson(response) ? stream(response, sink) : whole(response));
    } catch (IOException e) {
      LOG.debug("call to {} failed", question.inquiry().provider().id(), e);
      return plain(line.hungUp() ? withdrawn() : mishap(e, body.mayHaveLeft(), timeout));
    } finally {
      line.free();
    }
  }

  private static Outcome plain(Result result) {
    return new Outcome(result, false);
  }

  /** Some servers answer whole though they were asked for a stream. */
  private static boolean isJson(Response response) {
    MediaType type = response.body().contentType();
    return type != null && type.subtype().contains("json");
  }

  private Result whole(Response response) throws IOException {
    BufferedSource source = response.body().source();
    if (source.request(Json.LARGEST_BODY + 1L)) {
      return OpenAiAnswer.tooLarge(Bill.NONE);
    }
    Result result = parse(source.readByteArray());
    if (sink != null && result instanceof Result.Answered answered) {
      sink.take(pieces(answered.answer()));
    }
    return result;
  }

  /** What of a whole answer would have come in pieces. */
  private static List<Delta> pieces(Answer answer) {
    return Replay.of(answer).stream()
        .filter(Piece.More.class::isInstance)
        .map(piece -> ((Piece.More) piece).delta())
        .toList();
  }

  private Result parse(byte[] bytes) {
    try {
      JsonNode root = Json.MAPPER.readTree(bytes);
      return root.isObject()
          ? dialect().read(question, root)
          : Result.Failed.garbled("nothing, or no JSON object", Bill.NONE);
    } catch (JsonEOFException e) {
      return Result.Failed.of(
          Reason.ANSWER_TRUNCATED, "the provider's response ends in the middle");
    } catch (IOException e) {
      return Result.Failed.garbled("a response that is not JSON", Bill.NONE);
    }
  }

  private Dialect dialect() {
    return question.inquiry().provider().dialect();
  }

  private Result stream(Response response, DeltaSink pieces) {
    StreamReader reader = dialect().stream(question);
    try {
      BufferedSource source = response.body().source();
      var events = new ServerSentEvents(source.inputStream(), LARGEST_EVENT);
      boolean complete = false;
      while (!reader.over() && !line.hungUp()) {
        ServerSentEvents.Event event = events.next();
        if (event == null) {
          return reader.result(null);
        }
        List<Delta> read = reader.read(event);
        if (!read.isEmpty()) {
          pieces.take(read);
        }
        if (!complete && reader.complete()) {
          complete = true;
          source.timeout().deadline(AFTERMATH.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
      if (!reader.complete()) {
        call.cancel(); // What may follow is not even to be read past.
      }
      return reader.result(line.hungUp() ? withdrawn() : null);
    } catch (ServerSentEvents.TooLargeException e) {
      call.cancel();
      return reader.result(OpenAiAnswer.tooLarge(Bill.NONE));
    } catch (IOException e) {
      LOG.debug("stream of {} broke", question.inquiry().provider().id(), e);
      return reader.result(line.hungUp() ? withdrawn() : mishap(e, true, timeout));
    }
  }

  private Result.Failed withdrawn() {
    return body.mayHaveLeft()
        ? Result.Failed.of(
            Reason.WITHDRAWN, "nobody waited for the answer any more: the call was broken off")
        : Result.Failed.of(
                Reason.WITHDRAWN, "nobody waited for the answer any more; nothing was called")
            .billed(Bill.NONE.counted(Tokens.plain(0, 0)));
  }

  private Result.Failed refusal(Response response) {
    return Refusal.read(
        question.inquiry().traits(),
        response.code(),
        response.headers(),
        beginning(response),
        clock.instant());
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
}
