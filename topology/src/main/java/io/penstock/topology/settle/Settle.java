package io.penstock.topology.settle;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.batch.Windowing;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.schemas.Topics;
import io.penstock.topology.budget.Spending;
import io.penstock.topology.dispatch.WorkLog;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.flow.Step;
import java.util.Set;
import java.util.function.Supplier;
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
  public record Laws(
      SingleFlight singleFlight,
      Freshness freshness,
      Costing costing,
      Spending.Laws spending,
      Windowing windowing) {}

  /** Settles what workers report. */
  public static Stage in(
      KStream<byte[], byte[]> results,
      Topics topics,
      Laws laws,
      WorkLog workLog,
      StateStores stores,
      MeterRegistry meters) {
    return stage("settle", results, stores, () -> new Settler(topics, laws, workLog, meters));
  }

  /** Takes back what nobody wants any more. */
  public static Stage withdrawn(
      KStream<byte[], byte[]> withdrawals,
      Topics topics,
      Laws laws,
      StateStores stores,
      MeterRegistry meters) {
    return stage("withdraw", withdrawals, stores, () -> new Withdrawals(topics, laws, meters));
  }

  /** Takes in slices of budgets. */
  public static Stage granted(
      KStream<byte[], byte[]> grants,
      Topics topics,
      Laws laws,
      StateStores stores,
      MeterRegistry meters) {
    return stage("grants", grants, stores, () -> new Grants(topics, laws, meters));
  }

  private static Stage stage(
      String name,
      KStream<byte[], byte[]> records,
      StateStores stores,
      Supplier<Processor<byte[], byte[], String, Step>> processors) {
    ProcessorSupplier<byte[], byte[], String, Step> supplier =
        new ProcessorSupplier<>() {
          @Override
          public Set<StoreBuilder<?>> stores() {
            return Stream.of(
                    stores.inFlight(),
                    stores.budgets(),
                    Set.of(stores.answers(), stores.answered()))
                .flatMap(Set::stream)
                .collect(StateStores.byName());
          }

          @Override
          public Processor<byte[], byte[], String, Step> get() {
            return processors.get();
          }
        };
    return new Stage(name, records.process(supplier, Named.as(name)));
  }
}
