package io.penstock.topology.settle;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Withdrawal;
import io.penstock.topology.budget.Spending;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Reading;
import io.penstock.topology.flow.Step;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Takes back what nobody wants any more: calls are cancelled when the last requester leaves. */
final class Withdrawals extends ContextualProcessor<byte[], byte[], String, Step> {
  private final Settle.Laws laws;
  private final MeterRegistry meters;
  private final Deserializer<Withdrawal> decoder;
  private InFlight inFlight;
  private Reading<Withdrawal> reading;
  private Steps steps;

  Withdrawals(Topics topics, Settle.Laws laws, MeterRegistry meters) {
    this.laws = laws;
    this.meters = meters;
    this.decoder = topics.withdrawals().values().deserializer();
  }

  @Override
  public void init(ProcessorContext<String, Step> context) {
    super.init(context);
    var exits = new Exits(context, meters);
    reading = new Reading<>(decoder, exits);
    inFlight = new InFlight(context, laws.singleFlight());
    steps = Steps.of(context, laws, inFlight, exits, new Spending(context, laws.spending(), exits));
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata origin =
        context().recordMetadata().orElseThrow(() -> new IllegalStateException("not a record"));
    reading
        .decodeKeyed(record, origin, "a withdrawal under its fingerprint")
        .ifPresent(event -> {
          String fingerprint = new String(record.key(), StandardCharsets.UTF_8);
          Flights before = inFlight.of(fingerprint);
          steps.take(
              fingerprint,
              before,
              laws.singleFlight().withdrawn(before, event, steps.followersAt(fingerprint)));
        });
  }
}
