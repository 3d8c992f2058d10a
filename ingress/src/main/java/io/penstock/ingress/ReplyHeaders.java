package io.penstock.ingress;

import io.penstock.ingress.Reply.Header;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The headers of replies. */
final class ReplyHeaders {
  private static final long MILLIS = 1_000;
  private static final String UNKNOWN = "unknown";

  private ReplyHeaders() {}

  /** Under which its request is found. */
  static List<Header> of(String id, Face face) {
    var headers = new ArrayList<Header>();
    headers.add(new Header("x-penstock-id", id));
    face.idHeaders().forEach(name -> headers.add(new Header(name, id)));
    return headers;
  }

  /** Who answered, and what that cost; a cost that nobody knows is not 0. */
  static List<Header> of(InferenceResponse response, Face face) {
    var headers = of(response.getId(), face);
    if (response.getServedBy() != null) {
      headers.add(new Header("x-penstock-served-by", ResponseWriter.word(response.getServedBy())));
    }
    headers.add(new Header("x-penstock-cost", usd(response.getSpentPicoUsd())));
    headers.add(new Header("x-penstock-avoided", usd(response.getAvoidedPicoUsd())));
    headers.addAll(source(response.getProvider(), response.getModel()));
    Answer answer = response.getAnswer();
    if (answer != null && !answer.getDropped().isEmpty()) {
      headers.add(new Header("x-penstock-dropped", String.join(", ", answer.getDropped())));
    }
    return headers;
  }

  /** Who gives the answer. */
  static List<Header> source(@Nullable String provider, @Nullable String model) {
    var headers = new ArrayList<Header>(2);
    if (provider != null) {
      headers.add(new Header("x-penstock-provider", provider));
    }
    if (model != null) {
      headers.add(new Header("x-penstock-model", model));
    }
    return headers;
  }

  /** When to come back, whether at all, and what is left of a budget. */
  static List<Header> of(Failure failure, int status) {
    var headers = new ArrayList<Header>(4);
    Long after = failure.getRetryAfterMs();
    if (HttpStatuses.passing(status)) {
      if (after != null) {
        long seconds = Math.max(1, Math.ceilDiv(after, MILLIS));
        headers.add(new Header("Retry-After", Long.toString(seconds)));
        headers.add(new Header("retry-after-ms", Long.toString(Math.max(0, after))));
      } else if (failure.getRetryable()) {
        headers.add(Reply.COME_BACK);
      }
      // SDKs try again by themselves, unless they are told that it is in vain.
      headers.add(new Header("x-should-retry", Boolean.toString(failure.getRetryable())));
    }
    if (failure.getRemainingPicoUsd() != null) {
      headers.add(new Header("x-penstock-budget-remaining", usd(failure.getRemainingPicoUsd())));
    }
    return headers;
  }

  private static String usd(@Nullable Long pico) {
    return pico == null ? UNKNOWN : new Money(pico).toUsd();
  }
}
