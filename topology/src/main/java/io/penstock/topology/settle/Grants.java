package io.penstock.topology.settle;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.topology.budget.Spending;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Reading;
import io.penstock.topology.flow.Step;
import java.time.Instant;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Takes in the slices of budgets that this task asked for, and hands out what waited for them. */
final class Grants extends ContextualProcessor<byte[], byte[], String, Step> {
  private final Settle.Laws laws;
  private final MeterRegistry meters;
  private final Deserializer<BudgetGrant> decoder;
  private Exits exits;
  private Reading<BudgetGrant> reading;
  private Spending spending;
  private Budgeting budgeting;

  Grants(Topics topics, Settle.Laws laws, MeterRegistry meters) {
    this.laws = laws;
    this.meters = meters;
    this.decoder = topics.budgetGrants().values().deserializer();
  }

  @Override
  public void init(ProcessorContext<String, Step> context) {
    super.init(context);
    exits = new Exits(context, meters);
    reading = new Reading<>(decoder, exits);
    var inFlight = new InFlight(context, laws.singleFlight());
    spending = new Spending(context, laws.spending(), exits);
    var steps = Steps.of(context, laws, inFlight, exits, spending);
    budgeting = new Budgeting(laws.singleFlight(), inFlight, steps, spending);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata origin =
        context().recordMetadata().orElseThrow(() -> new IllegalStateException("not a record"));
    reading
        .decode(record, origin, "a slice of a budget")
        .ifPresent(grant -> {
          Instant now = exits.now();
          spending.granted(grant);
          budgeting.look(now);
          if (spending.holdsBack()) {
            spending.ask(now); // Whoever has its key's money now wants its tenant's.
          }
        });
  }
}
