package io.penstock.topology.route;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.Reason;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Pending;
import io.penstock.topology.flow.Replies;
import io.penstock.topology.flow.Stage;
import io.penstock.topology.flow.Step;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Decides which models may answer: the one that was named, or the configured default. */
public final class Route {
  private Route() {}

  public static Stage in(
      KStream<String, Pending> open, ModelDirectory models, MeterRegistry meters) {
    return Stage.of("route", open, () -> new Planner(models, meters));
  }

  private static final class Planner extends ContextualProcessor<String, Pending, String, Step> {
    private final ModelDirectory models;
    private final MeterRegistry meters;
    private Exits exits;

    Planner(ModelDirectory models, MeterRegistry meters) {
      this.models = models;
      this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<String, Step> context) {
      super.init(context);
      exits = new Exits(context, meters);
    }

    @Override
    public void process(Record<String, Pending> record) {
      Pending p = record.value();
      models
          .plan(p.request().getModel())
          .ifPresentOrElse(
              plan -> exits.open(new Pending(p.request(), p.lane(), p.fingerprint(), plan)),
              () -> refuse(p));
    }

    private void refuse(Pending pending) {
      String model = pending.request().getModel();
      exits.reply(
          Replies.rejected(
              pending.request(),
              pending.lane(),
              Reason.UNKNOWN_MODEL.because("nobody serves the model \"" + model + "\"", "model"),
              exits.now()));
    }
  }
}
