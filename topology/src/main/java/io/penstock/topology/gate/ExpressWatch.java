package io.penstock.topology.gate;

import java.time.Instant;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** Tells the gate how long express takes to its turn. */
final class ExpressWatch extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
  private final Gate gate;

  ExpressWatch(Gate gate) {
    this.gate = gate;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    gate.express(Instant.ofEpochMilli(record.timestamp()));
    context().forward(record);
  }
}
