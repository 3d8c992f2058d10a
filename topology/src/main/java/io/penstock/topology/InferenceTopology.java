package io.penstock.topology;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.schemas.Topics;
import io.penstock.schemas.registry.SchemaRegistry;
import io.penstock.topology.admit.Admit;
import io.penstock.topology.batch.Batch;
import io.penstock.topology.budget.Accounting;
import io.penstock.topology.coalesce.Coalesce;
import io.penstock.topology.dispatch.Dispatching;
import io.penstock.topology.dispatch.WorkLog;
import io.penstock.topology.exactcache.ExactCache;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.gate.Gate;
import io.penstock.topology.route.Route;
import io.penstock.topology.settle.Settle;
import java.util.Properties;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;

/** The flow of a request, stage by stage. */
public final class InferenceTopology {
  private InferenceTopology() {}

  /**
   * Builds the topology; nothing runs yet.
   *
   * @param gate told how the flow reads, by the pump that lets batch in
   * @param config the Streams configuration it will run with: some of it is honoured only here
   *     (docs/measurements.md, Kafka §8)
   */
  public static Topology build(
      Topics topics,
      Laws laws,
      WorkLog workLog,
      Gate gate,
      SchemaRegistry registry,
      MeterRegistry meters,
      Properties config) {
    var builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(config)));
    var stores = new StateStores(registry);
    var lanes = new Lanes(builder, topics, gate);

    var flight = laws.singleFlight();
    var admitted = Admit.in(lanes.requests(), topics, laws.admission(), flight, stores, meters);
    var exact = ExactCache.in(admitted.open(), laws.freshness(), laws.costing(), stores, meters);
    var single = Coalesce.in(exact.open(), laws.admission(), flight, stores, meters);
    var routed = Route.in(single.open(), laws.models(), meters);
    var dispatched = Dispatching.in(routed.open(), laws.dispatching(), stores, meters);
    var settled = Settle.in(lanes.results(), topics, laws.settling(), workLog, stores, meters);
    var withdrawn = Settle.withdrawn(lanes.withdrawals(), topics, laws.settling(), stores, meters);
    var granted = Settle.granted(lanes.grants(), topics, laws.settling(), stores, meters);
    lanes.write(
        Stage.outputs(admitted, exact, single, routed, dispatched, settled, withdrawn, granted));
    var batched = Batch.in(lanes.windows(), topics, laws.windowing(), workLog, stores, meters);
    lanes.writeBatched(batched.steps());
    var accounts = Accounting.in(lanes.questions(), topics, laws.budgets(), stores, meters);
    lanes.writeAccounts(accounts.steps());

    return builder.build(config);
  }
}
