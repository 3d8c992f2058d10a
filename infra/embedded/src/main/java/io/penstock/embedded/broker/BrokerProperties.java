package io.penstock.embedded.broker;

import io.penstock.schemas.Limits;
import java.util.HashMap;
import java.util.Map;

/**
 * The configuration of a one-node broker on a laptop, by Kafka's own names. Kafka's defaults are
 * for clusters: three replicas that one node never has, joins that wait seconds for company.
 */
final class BrokerProperties {
  static final int NODE = 1;

  private static final int ONE_SEGMENT = 64 * 1024 * 1024;
  private static final int REQUEST_ENVELOPE = 1024 * 1024;

  private BrokerProperties() {}

  static Map<String, String> of(DataDirectory directory, BoundPorts ports) {
    var all = new HashMap<String, String>();
    all.putAll(node(directory, ports));
    all.putAll(internalTopics());
    all.putAll(groups());
    all.putAll(sizes());
    return all;
  }

  private static Map<String, String> node(DataDirectory directory, BoundPorts ports) {
    String clients = address(BoundPorts.CLIENTS, ports.clientsPort());
    String controller = address(BoundPorts.CONTROLLER, ports.controllerPort());
    return Map.ofEntries(
        Map.entry("process.roles", "broker,controller"),
        Map.entry("node.id", Integer.toString(NODE)),
        Map.entry(
            "controller.quorum.voters",
            NODE + "@" + BoundPorts.HOST + ":" + ports.controllerPort()),
        Map.entry("listeners", clients + "," + controller),
        Map.entry("advertised.listeners", clients + "," + controller),
        Map.entry("controller.listener.names", BoundPorts.CONTROLLER),
        Map.entry("log.dirs", directory.kafka().toString()),
        Map.entry("auto.create.topics.enable", "false"), // a typo must fail
        Map.entry("broker.session.timeout.ms", "2000"), // back at once after a kill
        Map.entry("broker.heartbeat.interval.ms", "500"),
        Map.entry("server.max.startup.time.ms", "60000"),
        Map.entry("num.network.threads", "2"),
        Map.entry("num.io.threads", "4"),
        Map.entry("num.recovery.threads.per.data.dir", "1"));
  }

  private static String address(String listener, int port) {
    return listener + "://" + BoundPorts.HOST + ":" + port;
  }

  private static Map<String, String> internalTopics() {
    return Map.of(
        "offsets.topic.replication.factor", "1",
        "offsets.topic.num.partitions", "4",
        "transaction.state.log.replication.factor", "1",
        "transaction.state.log.min.isr", "1",
        "transaction.state.log.num.partitions", "4",
        "share.coordinator.state.topic.replication.factor", "1",
        "share.coordinator.state.topic.min.isr", "1",
        "share.coordinator.state.topic.num.partitions", "4",
        "share.coordinator.append.linger.ms", "0"); // an acknowledgement should not wait
  }

  private static Map<String, String> groups() {
    return Map.ofEntries(
        Map.entry("group.initial.rebalance.delay.ms", "0"),
        Map.entry("group.streams.initial.rebalance.delay.ms", "0"),
        Map.entry("group.consumer.heartbeat.interval.ms", "500"),
        Map.entry("group.consumer.min.heartbeat.interval.ms", "100"),
        Map.entry("group.share.heartbeat.interval.ms", "500"),
        Map.entry("group.share.min.heartbeat.interval.ms", "100"),
        Map.entry("group.streams.heartbeat.interval.ms", "500"),
        Map.entry("group.streams.min.heartbeat.interval.ms", "100"),
        Map.entry("group.share.min.record.lock.duration.ms", "1000"));
  }

  private static Map<String, String> sizes() {
    String record = Integer.toString(Limits.LARGEST_RECORD_BYTES);
    return Map.of(
        "message.max.bytes", record,
        "replica.fetch.max.bytes", record,
        "socket.request.max.bytes",
            Integer.toString(Limits.LARGEST_REQUEST_BYTES + REQUEST_ENVELOPE),
        // What a restart after a kill must read again, and the unit in which retention deletes.
        "log.segment.bytes", Integer.toString(ONE_SEGMENT),
        "log.cleaner.dedupe.buffer.size", Integer.toString(8 * 1024 * 1024));
  }
}
