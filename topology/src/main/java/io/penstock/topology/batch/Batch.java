package io.penstock.topology.batch;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.batch.Windowing;
import io.penstock.schemas.Topics;
import io.penstock.topology.dispatch.WorkLog;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.flow.Step;
import java.util.Set;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Lets dispatches wait for others where waiting saves money. All of one window come to one task,
 * whatever their fingerprints.
 */
public final class Batch {
  private Batch() {}

  public static Stage in(
      KStream<byte[], byte[]> events,
      Topics topics,
      Windowing windowing,
      WorkLog workLog,
      StateStores stores,
      MeterRegistry meters) {
    ProcessorSupplier<byte[], byte[], String, Step> windowers =
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return stores.waiting();
          }

          @Override
          public Processor<byte[], byte[], String, Step> get() {
            return new Windower(topics, windowing, workLog, meters);
          }
        };
    return new Stage("batch", events.process(windowers, Named.as("batch")));
  }
}
