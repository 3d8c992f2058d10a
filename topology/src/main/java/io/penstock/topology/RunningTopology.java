package io.penstock.topology;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.registry.SchemaRegistry;
import io.penstock.topology.dispatch.KafkaWorkLog;
import io.penstock.topology.gate.Gate;
import io.penstock.topology.gate.KafkaGatedLog;
import io.penstock.topology.gate.Pump;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topology as a running process. Start it once its topics exist; safe to ask from any thread.
 */
public final class RunningTopology implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningTopology.class);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private final KafkaStreams streams;
  private final Pump pump;
  private final StoreMemory.Shared memory;

  private RunningTopology(KafkaStreams streams, Pump pump, StoreMemory.Shared memory) {
    this.streams = streams;
    this.pump = pump;
    this.memory = memory;
  }

  /** Starts the topology; it joins its group and restores its stores in the background. */
  public static RunningTopology start(
      TopologySettings settings,
      KafkaConnection connection,
      Topics topics,
      Laws laws,
      SchemaRegistry registry,
      MeterRegistry meters) {
    var memory = StoreMemory.Shared.of(settings.storeMemory());
    var config = StreamsSettings.of(settings, connection, topics, memory);
    var gate = new Gate(new KafkaGatedLog(connection, topics), InstantSource.system(), meters);
    var workLog = new KafkaWorkLog(connection, topics);
    var streams =
        new KafkaStreams(
            InferenceTopology.build(topics, laws, workLog, gate, registry, meters, config), config);
    streams.setUncaughtExceptionHandler(failure -> {
      LOG.error("a stream thread stopped and is replaced", failure);
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    });
    streams.start();
    Pump pump = Pump.start(connection, topics, gate, settings.gate(), meters);
    return new RunningTopology(streams, pump, memory);
  }

  /** Whether every partition assigned to this process is being worked on. */
  public boolean running() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** Commits and leaves the group. */
  @Override
  public void close() {
    pump.close();
    // Leaving the group at once lets another instance, or the next start, take over without waiting
    // for a session to end.
    CloseOptions leaving =
        CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP)
            .withTimeout(CLOSE_WITHIN);
    if (!streams.close(leaving)) {
      LOG.warn("the topology did not stop within {}; its group will notice", CLOSE_WITHIN);
      return;
    }
    memory.close();
  }
}
