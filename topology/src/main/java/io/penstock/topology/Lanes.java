package io.penstock.topology;

import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.topology.flow.Step;
import io.penstock.topology.gate.Gate;
import io.penstock.topology.gate.Gated;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Where the topology meets its topics. Requests and results are read as bytes, so that one record
 * nobody can read ends in the dead letters instead of stopping its partition.
 */
final class Lanes {
  private static final Serde<byte[]> BYTES = Serdes.ByteArray();

  private final StreamsBuilder builder;
  private final Topics topics;
  private final Gate gate;

  Lanes(StreamsBuilder builder, Topics topics, Gate gate) {
    this.builder = builder;
    this.topics = topics;
    this.gate = gate;
  }

  /**
   * Express and standard as they come, of batch what the gate lets in, and what came back from
   * re-keying.
   */
  KStream<byte[], byte[]> requests() {
    var express = read("express", topics.requests(Lane.EXPRESS));
    var standard = read("standard", topics.requests(Lane.STANDARD));
    var gated = read("gated", topics.gated());
    var rekeyed = read("back-from-rekeying", topics.rekeyed());
    return Gated.beside(express, gate)
        .merge(standard, Named.as("express-and-standard"))
        .merge(Gated.in(gated, gate), Named.as("all-lanes"))
        .merge(rekeyed, Named.as("requests"));
  }

  private KStream<byte[], byte[]> read(String name, Topic<?, ?> topic) {
    return builder.stream(topic.name(), Consumed.with(BYTES, BYTES).withName(name));
  }

  /** What workers report. */
  KStream<byte[], byte[]> results() {
    return read("results", topics.results());
  }

  /** Who no longer wants an answer. */
  KStream<byte[], byte[]> withdrawals() {
    return read("withdrawals", topics.withdrawals());
  }

  /** Slices of budgets for this task. */
  KStream<byte[], byte[]> grants() {
    return read("budget-grants", topics.budgetGrants());
  }

  /** Dispatches on their way through windows, and what windows are told. */
  KStream<byte[], byte[]> windows() {
    return read("windows", topics.windows());
  }

  /** What leaves the windows. They are tasks of their own, apart from all others. */
  void writeBatched(KStream<String, Step> outputs) {
    for (Lane lane : Lane.values()) {
      writeWork(outputs, lane, "batched-" + Topics.word(lane));
    }
    exit(outputs, "job-tasks", s -> s instanceof Step.Tasked t ? List.of(t.task()) : none())
        .to(topics.jobs().name(), produced("job-tasks", topics.jobs()));
    exit(outputs, "dropped", s -> s instanceof Step.Reported r ? List.of(r.event()) : none())
        .to(topics.results().name(), produced("dropped", topics.results()));
    writeDead(outputs, "unreadable-window-events");
  }

  /** What tasks ask of the keepers of accounts. */
  KStream<byte[], byte[]> questions() {
    return read("budget-questions", topics.budgetQuestions());
  }

  /** What the keepers of accounts answer. They are tasks of their own, apart from all others. */
  void writeAccounts(KStream<String, Step> answers) {
    exit(answers, "grants-given", s -> s instanceof Step.Granted g ? List.of(g.grant()) : none())
        .to(
            topics.budgetGrants().name(),
            produced("budget-grants", topics.budgetGrants())
                .withStreamPartitioner(Lanes::askingPartition));
    exit(answers, "budgets", s -> s instanceof Step.Stands b ? List.of(b.state()) : none())
        .to(topics.budgets().name(), produced("budgets", topics.budgets()));
  }

  /** Everything that leaves, each kind to its topic. */
  void write(KStream<String, Step> outputs) {
    exit(outputs, "responses", s -> s instanceof Step.Reply r ? List.of(r.response()) : none())
        .to(
            topics.responses().name(),
            produced("responses", topics.responses()).withStreamPartitioner(Lanes::replyPartition));
    exit(outputs, "billing", s -> s instanceof Step.Cost c ? List.of(c.event()) : none())
        .to(topics.billing().name(), produced("billing", topics.billing()));
    for (Lane lane : Lane.values()) {
      writeWork(outputs, lane, "work-" + Topics.word(lane));
    }
    exit(outputs, "windowed", s -> s instanceof Step.Windowed w ? List.of(w.event()) : none())
        .to(topics.windows().name(), produced("windows", topics.windows()));
    exit(
            outputs,
            "cancellations",
            s -> s instanceof Step.Cancelled c ? List.of(c.cancellation()) : none())
        .to(topics.cancellations().name(), produced("cancellations", topics.cancellations()));
    exit(outputs, "asked", s -> s instanceof Step.Asked a ? List.of(a.question()) : none())
        .to(
            topics.budgetQuestions().name(),
            produced("budget-questions", topics.budgetQuestions()));
    exit(
            outputs,
            "marks",
            s -> s instanceof Step.Marked m ? List.of(new AttemptEvent(m.mark())) : none())
        .to(
            topics.results().name(),
            produced("results", topics.results()).withStreamPartitioner(Lanes::ownPartition));
    exit(outputs, "rekeyed", s -> s instanceof Step.Rekeyed r ? List.of(r.request()) : none())
        .to(
            topics.rekeyed().name(),
            Produced.with(Serdes.String(), Serdes.Bytes()).withName("to-rekeyed"));
    writeDead(outputs, "dead-letters");
  }

  private void writeWork(KStream<String, Step> outputs, Lane lane, String name) {
    exit(
            outputs,
            name,
            s ->
                s instanceof Step.Work w && w.dispatch().getLane() == lane
                    ? List.of(w.dispatch())
                    : none())
        .to(topics.work(lane).name(), produced(name, topics.work(lane)));
  }

  private void writeDead(KStream<String, Step> outputs, String name) {
    exit(outputs, name, s -> s instanceof Step.Dead d ? List.of(d) : none())
        .map(
            (key, dead) -> KeyValue.pair(dead.key(), dead.value()),
            Named.as(name + "-as-they-came"))
        .to(
            topics.deadLetters().name(),
            Produced.with(Serdes.Bytes(), Serdes.Bytes()).withName("to-" + name));
  }

  private static <V> KStream<String, V> exit(
      KStream<String, Step> outputs, String name, Function<Step, List<V>> pick) {
    return outputs.flatMapValues(pick::apply, Named.as(name));
  }

  private static <V> Produced<String, V> produced(String name, Topic<String, V> topic) {
    return Produced.with(topic.keys(), topic.values()).withName("to-" + name);
  }

  private static <V> List<V> none() {
    return List.of();
  }

  private static Optional<Set<Integer>> ownPartition(
      String topic, String partition, AttemptEvent mark, int partitions) {
    return Optional.of(Set.of(Integer.valueOf(partition)));
  }

  private static Optional<Set<Integer>> askingPartition(
      String topic, String pot, BudgetGrant grant, int partitions) {
    return Optional.of(Set.of(grant.getTask()));
  }

  // A requester that said where it listens is answered there; others by request id.
  private static Optional<Set<Integer>> replyPartition(
      String topic, String requestId, InferenceResponse response, int partitions) {
    Integer wanted = response.getReplyPartition();
    return wanted == null || wanted < 0 || wanted >= partitions
        ? Optional.empty()
        : Optional.of(Set.of(wanted));
  }
}
