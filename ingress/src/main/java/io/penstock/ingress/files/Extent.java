package io.penstock.ingress.files;

import io.penstock.schemas.avro.StoredFile;
import java.time.Instant;

/**
 * Where on the topic the chunks of a file lie, among those of others.
 *
 * @param id of the file, the key of its chunks
 * @param last offset of its last chunk
 */
public record Extent(String id, int partition, long first, long last, long bytes) {

  /** What is to be known of a file that lies here. */
  public StoredFile file(
      String tenant, String filename, String purpose, Instant createdAt, Instant expiresAt) {
    return new StoredFile(
        id, tenant, filename, purpose, bytes, createdAt, expiresAt, partition, first, last);
  }
}
