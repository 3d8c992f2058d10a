package io.penstock.topology.settle;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.coalesce.LogTime;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.schemas.Money;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.AttemptBegun;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Mark;
import io.penstock.schemas.avro.PrefixBegun;
import io.penstock.topology.budget.Spending;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.dispatch.WorkLog;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Reading;
import io.penstock.topology.flow.Step;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** The processor of the settle stage: asks the law for a transition, writes it, carries it out. */
final class Settler extends ContextualProcessor<byte[], byte[], String, Step> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration TIDY_EVERY = Duration.ofMinutes(10);

  private final SingleFlight law;
  private final Settle.Laws laws;
  private final WorkLog workLog;
  private final MeterRegistry meters;
  private final Deserializer<AttemptEvent> decoder;
  private InFlight inFlight;
  private Exits exits;
  private Reading<AttemptEvent> reading;
  private Spending spending;
  private Steps steps;
  private Budgeting budgeting;
  private LogTime logTime = LogTime.UNKNOWN;
  private List<String> takenOver = List.of();
  private Instant crashedAt = Instant.EPOCH;
  private boolean reconciled;

  Settler(Topics topics, Settle.Laws laws, WorkLog workLog, MeterRegistry meters) {
    this.law = laws.singleFlight();
    this.laws = laws;
    this.workLog = workLog;
    this.meters = meters;
    this.decoder = topics.results().values().deserializer();
  }

  @Override
  public void init(ProcessorContext<String, Step> context) {
    super.init(context);
    exits = new Exits(context, meters);
    reading = new Reading<>(decoder, exits);
    inFlight = new InFlight(context, law);
    spending = new Spending(context, laws.spending(), exits);
    steps = Steps.of(context, laws, inFlight, exits, spending);
    budgeting = new Budgeting(law, inFlight, steps, spending);
    takenOver = inFlight.rebuild();
    crashedAt =
        takenOver.stream()
            .map(fingerprint -> SingleFlight.newest(inFlight.of(fingerprint)))
            .max(Instant::compareTo)
            .orElse(Instant.EPOCH);
    context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, this::look);
    if (!spending.none()) {
      spending.restored(exits.now());
      context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, this::seeToMoney);
      context.schedule(
          TIDY_EVERY, PunctuationType.WALL_CLOCK_TIME, time -> spending.tidy(exits.now()));
    }
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    AttemptEvent event = decode(record);
    if (event == null) {
      return;
    }
    String fingerprint = new String(record.key(), StandardCharsets.UTF_8);
    Flights before = inFlight.of(fingerprint);
    Instant now = exits.now();
    switch (event.getEvent()) {
      case AttemptStarted started -> {
        spending.begun(new Spending.Place(fingerprint, started.getAttempt().getDispatchId()));
        steps.take(fingerprint, before, law.started(before, started, now));
      }
      case AttemptBegun begun ->
          exits.windowed(begun.getWindow(), new PrefixBegun(begun.getDispatchId()));
      case AttemptRenewed renewed ->
          steps.take(fingerprint, before, law.renewed(before, renewed, now));
      case AttemptEnded ended -> {
        end(fingerprint, before, ended, now);
        budgeting.ended(now);
      }
      case DispatchDropped dropped -> {
        steps.take(
            fingerprint, before, law.dropped(before, dropped, steps.followersAt(fingerprint), now));
        budgeting.ended(now);
      }
      case Mark mark -> judge(mark.getWrittenAt(), now);
      default -> throw new IllegalStateException("not an attempt event: " + event.getEvent());
    }
  }

  private void end(String fingerprint, Flights before, AttemptEnded ended, Instant now) {
    CostEvent event = steps.costEvents().spent(ended);
    exits.cost(event);
    Long spent = event.getSpentPicoUsd();
    Money cost = spent == null ? null : new Money(spent);
    steps.take(
        fingerprint,
        before,
        law.ended(before, ended, cost, steps.followersAt(fingerprint), now),
        List.of(Spending.spent(fingerprint, ended.getAttempt(), event, false)));
    if (ended.getRetryAfterMs() == null) {
      steps.over(ended.getAttempt(), ended.getOutcome() instanceof Answer);
    }
  }

  private void look(long time) {
    Instant now = exits.now();
    restore(now);
    if (logTime.mayMark(now) && inFlight.anyDue(now)) {
      logTime = logTime.mark(now);
      exits.mark(now);
    }
  }

  private void seeToMoney(long time) {
    Instant now = exits.now();
    budgeting.look(now);
    spending.ask(now);
    spending.forget(now);
  }

  private void judge(Instant markedAt, Instant now) {
    boolean judges = logTime.judges(markedAt, now);
    logTime = logTime.read(markedAt, now);
    if (!judges) {
      return;
    }
    for (String fingerprint : inFlight.due(markedAt)) {
      Flights before = inFlight.of(fingerprint);
      steps.take(fingerprint, before, law.due(before, steps.followersAt(fingerprint), markedAt));
    }
  }

  // At the first look rather than in init, because nothing can be forwarded from there.
  private void restore(Instant now) {
    Predicate<WorkLog.Handed> out = workLog.out(crashedAt.minus(law.rules().keep()));
    Predicate<Flight> handedOut = flight -> out.test(WorkLog.Handed.of(flight));
    for (String fingerprint : takenOver) {
      Flights before = inFlight.of(fingerprint);
      steps.take(fingerprint, before, law.restored(before, crashedAt, handedOut, now));
    }
    if (!spending.none() && !reconciled) {
      budgeting.reconcile(now);
      reconciled = true;
    }
    takenOver = List.of();
  }

  private @Nullable AttemptEvent decode(Record<byte[], byte[]> record) {
    RecordMetadata origin =
        context().recordMetadata().orElseThrow(() -> new IllegalStateException("not a record"));
    return reading
        .decodeKeyed(record, origin, "an attempt event under its fingerprint")
        .orElse(null);
  }
}
