package io.penstock.client;

import io.penstock.schemas.avro.ResponseChunk;

/**
 * Hears the pieces of one answer as they come: those of one attempt, from its first on, each once
 * and in order. Pieces that do not come, because one before them was lost, are in the response. It
 * is called by the one thread that reads for everybody, and must not block.
 */
@FunctionalInterface
public interface ChunkListener {
  void heard(ResponseChunk chunk);
}
