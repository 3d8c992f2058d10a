package io.penstock.topology.flow;

import java.util.List;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;

/** One stage of the flow: its name and everything it passes on. */
public record Stage(String name, KStream<String, Step> steps) {

  /** Puts a stage behind the requests that are still open. */
  public static Stage of(
      String name,
      KStream<String, Pending> open,
      ProcessorSupplier<String, Pending, String, Step> processor) {
    return new Stage(name, open.process(processor, Named.as(name)));
  }

  /** The requests that this stage left open. */
  public KStream<String, Pending> open() {
    return steps.flatMapValues(
        step -> step instanceof Step.Open(Pending pending) ? List.of(pending) : List.of(),
        Named.as(name + "-open"));
  }

  /** Everything that leaves the topology from any of these stages. */
  public static KStream<String, Step> outputs(Stage first, Stage... others) {
    KStream<String, Step> all = first.steps;
    for (Stage stage : others) {
      all = all.merge(stage.steps, Named.as("outputs-of-" + stage.name));
    }
    return all;
  }
}
