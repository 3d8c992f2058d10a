package io.penstock.replay;

import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;

/**
 * How much a recording holds, and what it lacks.
 *
 * @param unreadable records that nobody can read: counted, not recorded
 * @param missed records that retention deleted before they could be read
 */
public record Recording(
    long requests, long responses, long costEvents, long unreadable, long missed) {
  static final Recording EMPTY = new Recording(0, 0, 0, 0, 0);

  Recording with(Object event) {
    return switch (event) {
      case InferenceRequest _ ->
          new Recording(requests + 1, responses, costEvents, unreadable, missed);
      case InferenceResponse _ ->
          new Recording(requests, responses + 1, costEvents, unreadable, missed);
      case CostEvent _ -> new Recording(requests, responses, costEvents + 1, unreadable, missed);
      default -> withUnreadable();
    };
  }

  Recording withUnreadable() {
    return new Recording(requests, responses, costEvents, unreadable + 1, missed);
  }

  Recording withMissed(long records) {
    return new Recording(requests, responses, costEvents, unreadable, missed + records);
  }
}
