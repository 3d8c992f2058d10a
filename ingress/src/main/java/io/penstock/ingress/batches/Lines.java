package io.penstock.ingress.batches;

import io.penstock.schemas.avro.Failure;
import java.util.List;
import java.util.Map;

/**
 * What is kept of the lines of a batch while it runs; what they ask stays on the log.
 *
 * @param customIds by the place of the line, from 0
 * @param ids of the requests that the lines become; empty where one was refused
 * @param refused why a line becomes no request, by its place
 */
record Lines(List<String> customIds, List<String> ids, Map<Integer, Failure> refused) {
  int count() {
    return customIds.size();
  }
}
