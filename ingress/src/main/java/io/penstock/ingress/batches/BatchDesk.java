package io.penstock.ingress.batches;

import io.penstock.client.PenstockClient;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.files.FileLog;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.RoomShare;
import io.penstock.ingress.status.StatusIndex;
import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.InferenceRequest;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What all batches of an instance share.
 *
 * @param faces the APIs in which lines may be written, by the paths they are for
 * @param rooms for what is made of a line while it is read
 */
public record BatchDesk(
    PenstockClient client,
    StatusIndex status,
    FileLog files,
    BatchRecords records,
    BatchView view,
    Map<String, Face> faces,
    Admitting admitting,
    Supplier<? extends RoomShare> rooms,
    InstantSource clock,
    BatchLimits limits) {

  /** Judges a line as if it had been posted when its batch was. */
  @FunctionalInterface
  public interface Admitting {
    /**
     * The request that a line becomes: the same whenever it is asked for.
     *
     * @param key under which it stands
     * @throws io.penstock.client.ClientException when the broker is out of reach
     */
    Reading<InferenceRequest> admit(InferenceBody body, BatchOrder order, String key);
  }
}
