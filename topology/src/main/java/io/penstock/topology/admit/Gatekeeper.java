package io.penstock.topology.admit;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.Reason;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Pending;
import io.penstock.topology.flow.Reading;
import io.penstock.topology.flow.Replies;
import io.penstock.topology.flow.Step;
import io.penstock.topology.flow.Sweep;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** The processor of the admit stage: one private method per question it asks of a record. */
final class Gatekeeper extends ContextualProcessor<byte[], byte[], String, Step> {
  private static final Duration SWEEP_EVERY = Duration.ofSeconds(1);

  private final Admission admission;
  private final SingleFlight law;
  private final MeterRegistry meters;
  private final Deserializer<InferenceRequest> decoder;
  private final Map<String, Lane> lanes = new HashMap<>();
  private final int partitions;
  private Exits exits;
  private Reading<InferenceRequest> reading;
  private InFlight inFlight;
  private Idempotency idempotency;
  private Claims claims;

  Gatekeeper(Topics topics, Admission admission, SingleFlight law, MeterRegistry meters) {
    this.admission = admission;
    this.law = law;
    this.meters = meters;
    this.decoder = topics.rekeyed().values().deserializer();
    this.partitions = topics.rekeyed().partitions();
    for (Lane lane : Lane.values()) {
      lanes.put(topics.requests(lane).name(), lane);
    }
    lanes.put(topics.gated().name(), Lane.BATCH);
  }

  @Override
  public void init(ProcessorContext<String, Step> context) {
    super.init(context);
    exits = new Exits(context, meters);
    reading = new Reading<>(decoder, exits);
    inFlight = new InFlight(context, law);
    idempotency = new Idempotency(context);
    claims = new Claims(context);
    var oldAnswers =
        new Sweep<>(idempotency.store(), r -> Idempotency.LAW.forgettable(r, exits.now()));
    var oldClaims = new Sweep<>(claims.store(), c -> Idempotency.LAW.forgettable(c, exits.now()));
    context.schedule(
        SWEEP_EVERY,
        PunctuationType.WALL_CLOCK_TIME,
        time -> {
          oldAnswers.step();
          oldClaims.step();
        });
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata origin =
        context().recordMetadata().orElseThrow(() -> new IllegalStateException("not a record"));
    Lane lane = laneOf(record, origin);
    reading
        .decode(record, origin, "an inference request on the lane " + Topics.word(lane))
        .ifPresent(request -> admit(record, origin, lane, request));
  }

  private void admit(
      Record<byte[], byte[]> record, RecordMetadata origin, Lane lane, InferenceRequest request) {
    Optional<Failure> tooLarge = Admission.tooLarge(record.value().length);
    if (tooLarge.isPresent()) {
      refuse(request, lane, tooLarge.get());
      return;
    }
    boolean claimed = record.headers().lastHeader(Names.HEADER_CLAIMED) != null;
    Addressed address = Addressed.of(request, claimed);
    Instant arrivedAt = Instant.ofEpochMilli(record.timestamp());
    if (!address.arrived(record.key(), origin.partition(), partitions)) {
      exits.rekeyed(address.key(), record.value(), lane, false);
    } else if (address.claims()) {
      claim(record, lane, request, address, arrivedAt);
    } else if (!seen(request, address.fingerprint())) {
      judge(request, lane, address.fingerprint(), arrivedAt);
    }
  }

  private Lane laneOf(Record<byte[], byte[]> record, RecordMetadata origin) {
    Lane lane = lanes.get(origin.topic());
    if (lane != null) {
      return lane;
    }
    Header header = record.headers().lastHeader(Names.HEADER_LANE);
    return header == null
        ? Lane.STANDARD
        : Lane.valueOf(new String(header.value(), StandardCharsets.UTF_8));
  }

  private void claim(
      Record<byte[], byte[]> record,
      Lane lane,
      InferenceRequest request,
      Addressed address,
      Instant arrivedAt) {
    Instant now = exits.now();
    switch (claims.standing(address.key(), address.fingerprint(), now)) {
      case ITS_OWN -> exits.rekeyed(address.fingerprint(), record.value(), lane, true);
      case FREE -> {
        // Only what may go on claims its key: a mistake can be mended under the same one. What has
        // claimed it is judged where it is known whether it was answered before.
        switch (admission.judge(request, lane, arrivedAt, now)) {
          case Admission.Verdict.Admitted _ -> {
            claims.claim(address.key(), address.fingerprint(), now);
            exits.rekeyed(address.fingerprint(), record.value(), lane, true);
          }
          case Admission.Verdict.Refused(var failure) -> refuse(request, lane, failure);
        }
      }
      case TAKEN ->
          refuse(
              request,
              lane,
              Reason.IDEMPOTENCY_KEY_REUSED.because(
                  "this idempotency key was used for another request: send a new key",
                  "Idempotency-Key"));
    }
  }

  private void refuse(InferenceRequest request, Lane lane, Failure failure) {
    exits.reply(Replies.rejected(request, lane, failure, exits.now()));
  }

  private boolean seen(InferenceRequest request, String fingerprint) {
    Optional<InferenceResponse> before = idempotency.recall(request, fingerprint, exits.now());
    before.ifPresent(r -> exits.reply(Replies.again(r, request.getReplyPartition())));
    if (before.isPresent()) {
      return true;
    }
    return inFlight.knows(fingerprint, request);
  }

  private void judge(InferenceRequest request, Lane lane, String fingerprint, Instant arrivedAt) {
    switch (admission.judge(request, lane, arrivedAt, exits.now())) {
      case Admission.Verdict.Admitted(InferenceRequest timed) ->
          exits.open(new Pending(timed, lane, fingerprint, List.of()));
      case Admission.Verdict.Refused(var failure) -> refuse(request, lane, failure);
    }
  }
}
