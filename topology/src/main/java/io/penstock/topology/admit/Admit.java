package io.penstock.topology.admit;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.schemas.Topics;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.flow.Step;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Lets requests in: readable, in the right task, not seen before, and valid. */
public final class Admit {
  private Admit() {}

  public static Stage in(
      KStream<byte[], byte[]> requests,
      Topics topics,
      Admission admission,
      SingleFlight law,
      StateStores stores,
      MeterRegistry meters) {
    ProcessorSupplier<byte[], byte[], String, Step> gatekeepers =
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return Stream.concat(
                    stores.inFlight().stream(), Stream.of(stores.claims(), stores.answered()))
                .collect(StateStores.byName());
          }

          @Override
          public Processor<byte[], byte[], String, Step> get() {
            return new Gatekeeper(topics, admission, law, meters);
          }
        };
    return new Stage("admit", requests.process(gatekeepers, Named.as("admit")));
  }
}
