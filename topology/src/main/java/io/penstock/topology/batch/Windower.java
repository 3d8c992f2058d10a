package io.penstock.topology.batch;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.Reason;
import io.penstock.policies.batch.JobRules;
import io.penstock.policies.batch.Jobs;
import io.penstock.policies.batch.PrefixMemory;
import io.penstock.policies.batch.PrefixWindow;
import io.penstock.policies.batch.Release;
import io.penstock.policies.batch.Waiter;
import io.penstock.policies.batch.Windowing;
import io.penstock.policies.prefix.PromptCaching;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.DispatchOver;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.PrefixBegun;
import io.penstock.schemas.avro.Waiting;
import io.penstock.schemas.avro.WindowEvent;
import io.penstock.topology.dispatch.WorkLog;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Reading;
import io.penstock.topology.flow.Step;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** The processor of the batch stage: keeps who waits, and asks the windows who may go. */
final class Windower extends ContextualProcessor<byte[], byte[], String, Step> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(5);
  private static final Failure WITHDRAWN =
      Reason.WITHDRAWN.because("nobody waited for the answer any more; nothing was called");

  private final Windowing windowing;
  private final WorkLog workLog;
  private final MeterRegistry meters;
  private final Deserializer<WindowEvent> decoder;
  private final PrefixMemory memory = new PrefixMemory();
  private final Map<String, PrefixWindow> windows = new HashMap<>();
  private Exits exits;
  private Reading<WindowEvent> reading;
  private WaitingRoom room;
  private JobKeeper jobs;
  private boolean takenOver;

  Windower(Topics topics, Windowing windowing, WorkLog workLog, MeterRegistry meters) {
    this.windowing = windowing;
    this.workLog = workLog;
    this.meters = meters;
    this.decoder = topics.windows().values().deserializer();
  }

  @Override
  public void init(ProcessorContext<String, Step> context) {
    super.init(context);
    exits = new Exits(context, meters);
    reading = new Reading<>(decoder, exits);
    room = new WaitingRoom(context, workLog);
    jobs =
        new JobKeeper(
            new Jobs(windowing.jobs()), new JobShelf(context), context.taskId().partition(), exits);
    context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, time -> look());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata origin =
        context().recordMetadata().orElseThrow(() -> new IllegalStateException("not a record"));
    reading
        .decodeKeyed(record, origin, "an event under the name of its window")
        .ifPresent(event -> {
          takeOver();
          String name = new String(record.key(), StandardCharsets.UTF_8);
          if (JobRules.gathers(name)) {
            jobs.take(name, event, origin.offset(), record.value().length);
            return;
          }
          Instant at = Instant.ofEpochMilli(record.timestamp());
          switch (event.getEvent()) {
            case Waiting waiting when room.seen(name, waiting, at) -> {}
            case Waiting waiting -> arrive(name, waiting);
            case PrefixBegun begun -> begun(name, begun);
            case DispatchOver over -> over(name, over);
            default -> throw new IllegalStateException("not of a window: " + event.getEvent());
          }
        });
  }

  private void arrive(String name, Waiting waiting) {
    PrefixWindow window = admit(name, waiting);
    if (window != null) {
      release(name, window, waiting);
      if (window.holds(waiting.getDispatch().getId())) {
        room.enter(name, waiting);
      }
    }
  }

  /** Its window, unless it waits there already or need not wait at all. */
  private @Nullable PrefixWindow admit(String name, Waiting waiting) {
    Dispatch dispatch = waiting.getDispatch();
    Optional<Windowing.Place> place = placeOf(dispatch);
    if (place.isEmpty()) { // The rules have changed since it was sent here.
      exits.work(dispatch);
      return null;
    }
    PromptCaching.Offer offer = place.get().offer();
    PrefixWindow window =
        windows.computeIfAbsent(name, each -> new PrefixWindow(windowing.rules(), memory, offer));
    if (window.holds(dispatch.getId())) {
      return null;
    }
    window.arrive(
        Waiter.of(
            dispatch.getId(),
            dispatch.getLane(),
            place.get().prompt(),
            offer,
            waiting.getSince(),
            exits.now(),
            dispatch.getDeadlineAt()),
        offer);
    return window;
  }

  private Optional<Windowing.Place> placeOf(Dispatch dispatch) {
    return windowing.placeOf(
        dispatch.getRequests().getFirst(), dispatch.getLane(), dispatch.getPlan(), exits.now());
  }

  private void begun(String name, PrefixBegun begun) {
    PrefixWindow window = windows.get(name);
    if (window != null) {
      window.begun(begun.getDispatchId(), exits.now());
      release(name, window, null);
    }
  }

  private void over(String name, DispatchOver over) {
    PrefixWindow window = windows.get(name);
    if (window == null) {
      return;
    }
    boolean waited = window.holds(over.getDispatchId());
    window.over(over.getDispatchId(), over.getAnswered(), exits.now());
    if (waited) {
      drop(room.withdraw(name, over.getDispatchId(), exits.now()));
    }
    release(name, window, null);
  }

  private void drop(Waiting withdrawn) {
    Dispatch dispatch = withdrawn.getDispatch();
    exits.dropped(dispatch.getFingerprint(), new DispatchDropped(dispatch.getId(), WITHDRAWN));
  }

  /**
   * @param arrived who has just come, and is not in the waiting room
   */
  private void release(String name, PrefixWindow window, @Nullable Waiting arrived) {
    Instant now = exits.now();
    for (Release release : window.look(now)) {
      Waiting waiting =
          arrived != null && arrived.getDispatch().getId().equals(release.dispatchId())
              ? arrived
              : room.leave(name, release.dispatchId(), now);
      send(name, waiting, release, now);
    }
  }

  private void send(String name, Waiting waiting, Release release, Instant now) {
    Dispatch dispatch = waiting.getDispatch();
    exits.released(
        dispatch.getLane(), release.cause().word(), Duration.between(waiting.getSince(), now));
    exits.work(
        Dispatch.newBuilder(dispatch)
            .setPromptCache(release.cache())
            .setWindow(release.leads() ? name : null)
            .build());
  }

  private void look() {
    takeOver();
    Instant now = exits.now();
    room.forget(now);
    jobs.look();
    for (Iterator<Map.Entry<String, PrefixWindow>> all = windows.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<String, PrefixWindow> entry = all.next();
      PrefixWindow window = entry.getValue();
      if (window.nextLook().filter(due -> !due.isAfter(now)).isPresent()) {
        release(entry.getKey(), window, null);
      }
      if (window.idle(now)) {
        all.remove();
      }
    }
  }

  /** Whoever waited when this task, or its predecessor, came to an end. Not possible in init. */
  private void takeOver() {
    if (takenOver) {
      return;
    }
    takenOver = true;
    jobs.takeOver();
    // All of them come before anybody goes: so they know of each other.
    room.reopen(exits.now())
        .forEach((name, all) -> {
          all.forEach(waiting -> takeOver(name, waiting));
          PrefixWindow window = windows.get(name);
          if (window != null) {
            release(name, window, null);
          }
        });
  }

  private void takeOver(String name, Waiting waiting) {
    if (waiting.getWithdrawnAt() != null) {
      drop(waiting); // Perhaps that was not heard.
    } else if (admit(name, waiting) != null) {
      return;
    }
    var _ = room.leave(name, waiting.getDispatch().getId(), exits.now());
  }
}
