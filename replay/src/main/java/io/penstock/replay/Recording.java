package io.penstock.replay;

import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;

/** How much a recording holds. Unreadable records are counted, not recorded. */
public record Recording(long requests, long responses, long costEvents, long unreadable) {
  static final Recording EMPTY = new Recording(0, 0, 0, 0);

  Recording with(Object event) {
    return switch (event) {
      case InferenceRequest _ -> new Recording(requests + 1, responses, costEvents, unreadable);
      case InferenceResponse _ -> new Recording(requests, responses + 1, costEvents, unreadable);
      case CostEvent _ -> new Recording(requests, responses, costEvents + 1, unreadable);
      default -> withUnreadable();
    };
  }

  Recording withUnreadable() {
    return new Recording(requests, responses, costEvents, unreadable + 1);
  }
}
