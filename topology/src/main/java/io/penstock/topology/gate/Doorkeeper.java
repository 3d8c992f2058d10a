package io.penstock.topology.gate;

import java.util.OptionalLong;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Takes what is let in, and each request once: two pumps may have let it in, one of them long
 * before, when it was answered and forgotten. Requests come in their order on the lane, none left
 * out, so whatever is not beyond all before it has been here. That depends on nothing but the log:
 * what is read again after a crash meets the same judgement.
 */
final class Doorkeeper extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
  private static final long NONE = -1;

  private final Gate gate;
  private Gate.@Nullable Door door;
  private @Nullable Long passed; // Unknown until the first record says where this task begins.
  private int partition;

  Doorkeeper(Gate gate) {
    this.gate = gate;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    super.init(context);
    partition = context.taskId().partition();
    door = gate.open(partition);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata origin =
        context().recordMetadata().orElseThrow(() -> new IllegalStateException("not a record"));
    OptionalLong onLane = GateHeader.offset(record.headers());
    try {
      if (onLane.isEmpty() || isNew(onLane.getAsLong(), origin.offset())) {
        context().forward(record);
      }
    } finally { // What is set aside has had its turn, too.
      if (door != null) {
        door.read(origin.offset());
      }
    }
  }

  private boolean isNew(long onLane, long offset) {
    long before = passed == null ? gate.log().passed(partition, offset).orElse(NONE) : passed;
    passed = Math.max(before, onLane);
    return onLane > before;
  }

  @Override
  public void close() {
    if (door != null) {
      gate.close(partition, door);
    }
  }
}
