package io.penstock.topology.flow;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.penstock.schemas.DeadLetters;
import io.penstock.schemas.Meter;
import io.penstock.schemas.Money;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.schemas.avro.Cancellation;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.JobOver;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Mark;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.WindowEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ways out of a stage. Every record leaves under its own key, with the clock's time and without
 * the headers of the record that caused it. Used by the stream thread only.
 */
public final class Exits {
  private static final Logger LOG = LoggerFactory.getLogger(Exits.class);

  private static final Duration[] WAITS =
      IntStream.of(1, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final ProcessorContext<String, Step> context;
  private final MeterRegistry meters;
  private final Map<Tagged, Counter> counters = new HashMap<>();
  private final Map<Lane, Timer> timers = new EnumMap<>(Lane.class);

  private record Tagged(Meter meter, List<String> values) {}

  public Exits(ProcessorContext<String, Step> context, MeterRegistry meters) {
    this.context = context;
    this.meters = meters;
  }

  /** The task's clock. */
  public Instant now() {
    return Instant.ofEpochMilli(context.currentSystemTimeMs());
  }

  public void open(Pending pending) {
    forward(pending.fingerprint(), new Step.Open(pending), new RecordHeaders());
  }

  public void reply(InferenceResponse response) {
    count(response);
    forward(response.getId(), new Step.Reply(response), new RecordHeaders());
  }

  public void cost(CostEvent event) {
    if (event.getSpentPicoUsd() == null || event.getAvoidedPicoUsd() == null) {
      counter(Meter.UNKNOWN_COSTS, event.getProvider(), event.getModel()).increment();
    }
    if (event.getProvenance() == Provenance.ORPHANED) {
      counter(Meter.ORPHANS).increment();
    }
    forward(event.getEventId(), new Step.Cost(event), new RecordHeaders());
  }

  public void work(Dispatch dispatch) {
    counter(Meter.DISPATCHES, Topics.word(dispatch.getLane())).increment();
    forward(dispatch.getId(), new Step.Work(dispatch), new RecordHeaders());
  }

  /** Tells a window; {@code event} is one of those that a {@link WindowEvent} may hold. */
  public void windowed(String window, SpecificRecord event) {
    forward(window, new Step.Windowed(new WindowEvent(event)), new RecordHeaders());
  }

  /** Reports to the task of a fingerprint that a dispatch was dropped. */
  public void dropped(String fingerprint, DispatchDropped dropped) {
    forward(fingerprint, new Step.Reported(new AttemptEvent(dropped)), new RecordHeaders());
  }

  /** Tells the task of a fingerprint that an attempt is no longer waited for. */
  public void letGo(String fingerprint, String attemptId, String dispatchId) {
    var atOnce = new AttemptRenewed(attemptId, dispatchId, 0L);
    forward(fingerprint, new Step.Reported(new AttemptEvent(atOnce)), new RecordHeaders());
  }

  /** Gives workers something to do about a job. */
  public void task(JobTask task) {
    forward(task.getJobId(), new Step.Tasked(task), new RecordHeaders());
  }

  /** Notes that a job was sealed. */
  public void sealed(String provider, String cause) {
    counter(Meter.JOBS_SEALED, provider, cause).increment();
  }

  /** Notes how a job ended. */
  public void jobOver(String provider, JobOver over) {
    counter(Meter.JOBS_OVER, provider, over.getStatus()).increment();
    jobLines(provider, "answered", over.getAnswered());
    jobLines(provider, "failed", over.getFailed());
    jobLines(provider, "unanswered", over.getUnanswered());
  }

  /** Notes that dispatches left a job. */
  public void jobLines(String provider, String end, int lines) {
    counter(Meter.JOB_LINES, provider, end).increment(lines);
  }

  /** Notes that a dispatch has left its window. */
  public void released(Lane lane, String cause, Duration held) {
    counter(Meter.WINDOW_RELEASES, Topics.word(lane), cause).increment();
    timers
        .computeIfAbsent(
            lane,
            each ->
                Timer.builder(Meter.WINDOW_WAIT.id())
                    .description(Meter.WINDOW_WAIT.description())
                    .tag(Meter.WINDOW_WAIT.tags().getFirst(), Topics.word(each))
                    .serviceLevelObjectives(WAITS)
                    .register(meters))
        .record(held);
  }

  /** Counts what a provider is told of its prefix cache. */
  public void promptCache(String provider, String told) {
    counter(Meter.PROMPT_CACHE, provider, told).increment();
  }

  /** Tells workers that nobody waits for a flight's dispatch any more. */
  public void cancel(Flight flight, Instant at) {
    counter(Meter.CANCELLATIONS, Topics.word(flight.getLane())).increment();
    String id = flight.getDispatchId();
    var cancellation = new Cancellation(id, flight.getLeader().getTenant(), at);
    forward(id, new Step.Cancelled(cancellation), new RecordHeaders());
  }

  /** Asks the keeper of a tenant's accounts. */
  public void ask(BudgetQuestion question) {
    forward(question.getTenant(), new Step.Asked(question), new RecordHeaders());
  }

  /** Answers the task that asked. */
  public void grant(BudgetGrant grant) {
    forward(grant.getPot(), new Step.Granted(grant), new RecordHeaders());
  }

  /** Tells how a budget stands. */
  public void stands(String budget, BudgetState state) {
    forward(budget, new Step.Stands(state), new RecordHeaders());
  }

  /** Notes that more than a budget's limit is spent. */
  public void exceeded(BudgetState state) {
    counter(Meter.BUDGETS_EXCEEDED, state.getTenant(), state.getPeriod()).increment();
    LOG.warn(
        "the {} budget of the tenant {} per {} is exceeded: {} of {} are spent",
        state.getHard() ? "hard" : "soft",
        state.getTenant(),
        state.getPeriod(),
        new Money(state.getSpentPicoUsd()),
        new Money(state.getLimitPicoUsd()));
  }

  /** Marks the log of this task's results as it is now. */
  public void mark(Instant now) {
    String partition = Integer.toString(context.taskId().partition());
    forward(partition, new Step.Marked(new Mark(now)), new RecordHeaders());
  }

  /** Sends a request as it came to the task of {@code key}. */
  public void rekeyed(String key, byte[] request, Lane lane, boolean claimed) {
    Headers headers = new RecordHeaders().add(Names.HEADER_LANE, utf8(lane.name()));
    if (claimed) {
      headers.add(Names.HEADER_CLAIMED, new byte[0]);
    }
    forward(key, new Step.Rekeyed(Bytes.wrap(request)), headers);
  }

  /** Sets a record aside that nobody can read. */
  public void dead(byte[] key, byte[] value, RecordMetadata origin, String reason) {
    counter(Meter.DEAD_LETTERS, origin.topic()).increment();
    Headers headers =
        DeadLetters.mark(
            new RecordHeaders(), origin.topic(), origin.partition(), origin.offset(), reason);
    forward("", new Step.Dead(Bytes.wrap(key), Bytes.wrap(value)), headers);
  }

  private void forward(String key, Step step, Headers headers) {
    context.forward(new Record<>(key, step, context.currentSystemTimeMs(), headers));
  }

  private void count(InferenceResponse response) {
    Failure failure = response.getFailure();
    String servedBy =
        response.getServedBy() == null
            ? "none"
            : response.getServedBy().name().toLowerCase(Locale.ROOT);
    counter(
            Meter.REQUESTS,
            Topics.word(response.getLane()),
            response.getStatus().name().toLowerCase(Locale.ROOT),
            servedBy,
            failure == null ? "none" : failure.getCode())
        .increment();
  }

  private Counter counter(Meter meter, String... values) {
    return counters.computeIfAbsent(new Tagged(meter, List.of(values)), this::register);
  }

  private Counter register(Tagged tagged) {
    Meter meter = tagged.meter();
    var builder = Counter.builder(meter.id()).description(meter.description());
    for (int i = 0; i < tagged.values().size(); i++) {
      builder.tag(meter.tags().get(i), tagged.values().get(i));
    }
    return builder.register(meters);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
