package io.penstock.topology.settle;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.schemas.Topics;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.flow.Step;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/** Turns what workers report into answers, costs and cached answers, and watches over leases. */
public final class Settle {
  private Settle() {}

  /** What settling needs to know. */
  public record Laws(SingleFlight singleFlight, Freshness freshness, Costing costing) {}

  public static Stage in(
      KStream<byte[], byte[]> results,
      Topics topics,
      Laws laws,
      WorkLog workLog,
      StateStores stores,
      MeterRegistry meters) {
    ProcessorSupplier<byte[], byte[], String, Step> settlers =
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return Stream.concat(
                    stores.inFlight().stream(), Stream.of(stores.answers(), stores.answered()))
                .collect(Collectors.toSet());
          }

          @Override
          public Processor<byte[], byte[], String, Step> get() {
            return new Settler(topics, laws, workLog, meters);
          }
        };
    return new Stage("settle", results.process(settlers, Named.as("settle")));
  }
}
