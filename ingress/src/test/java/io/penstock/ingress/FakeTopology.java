package io.penstock.ingress;

import io.penstock.policies.Reason;
import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.Answers;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Messages;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.schemas.avro.ServedBy;
import io.penstock.schemas.avro.Status;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.Usage;
import io.penstock.schemas.avro.Withdrawal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests as the topology would, as far as the edge can tell: it reads the lane topics and
 * writes responses, chunks and cost events. What a prompt begins with decides: {@code hold} is
 * answered on {@link #release}, {@code fail:} and a reason fails, {@code limited:} and a reason
 * fails and says for how long, {@code pieces:} and texts between bars is streamed, {@code half:} so
 * as well, but answered on release, {@code other:} is streamed and answered otherwise, {@code
 * call:} is answered with a thought, a text and a tool call; anything else is answered at once.
 */
final class FakeTopology implements AutoCloseable {
  static final String MODEL = "small";
  static final long COST_PICO = 1_250_000;
  private static final String FAIL = "fail:";
  private static final String HOLD = "hold";
  private static final String LIMITED = "limited:";
  private static final String PIECES = "pieces:";
  private static final String HALF = "half:";
  private static final String OTHER = "other:";
  private static final String CALL = "call:";
  static final long RETRY_AFTER_MS = 1_500;
  static final long REMAINING_PICO = 250_000_000;

  private final Topics topics;
  private final KafkaConsumer<String, InferenceRequest> requests;
  private final KafkaProducer<String, byte[]> producer;
  private final Thread thread;
  private final KafkaConsumer<String, Withdrawal> withdrawals;
  private final List<Withdrawal> withdrawn = new ArrayList<>();
  private final Map<String, Lane> lanes = new HashMap<>();
  private final List<InferenceRequest> dispatched = new CopyOnWriteArrayList<>();
  private final Map<String, String> firsts = new ConcurrentHashMap<>();
  private final Map<String, InferenceResponse> answered = new ConcurrentHashMap<>();
  private final Map<String, List<InferenceRequest>> held = new ConcurrentHashMap<>();

  FakeTopology(KafkaConnection kafka, Topics topics) {
    this.topics = topics;
    Topic<String, InferenceRequest> express = topics.requests(Lane.EXPRESS);
    var settings = kafka.consumer("fake-topology");
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, Names.TOPOLOGY);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    this.requests =
        new KafkaConsumer<>(
            settings, express.keys().deserializer(), express.values().deserializer());
    Topic<String, Withdrawal> withdrawn = topics.withdrawals();
    this.withdrawals =
        new KafkaConsumer<>(
            kafka.consumer("fake-topology-withdrawals"),
            withdrawn.keys().deserializer(),
            withdrawn.values().deserializer());
    var partitions =
        IntStream.range(0, withdrawn.partitions())
            .mapToObj(partition -> new TopicPartition(withdrawn.name(), partition))
            .toList();
    withdrawals.assign(partitions);
    withdrawals.seekToBeginning(partitions);
    this.producer =
        new KafkaProducer<>(
            kafka.producer("fake-topology", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new ByteArraySerializer());
    for (Lane lane : Lane.values()) {
      lanes.put(topics.requests(lane).name(), lane);
    }
    requests.subscribe(lanes.keySet());
    thread = Thread.ofPlatform().name("fake-topology").start(this::run);
  }

  private void run() {
    try (requests) {
      while (true) {
        for (ConsumerRecord<String, InferenceRequest> record :
            requests.poll(Duration.ofSeconds(1))) {
          take(record);
        }
      }
    } catch (WakeupException e) {
      requests.close(CloseOptions.timeout(Duration.ofMillis(200)));
    }
  }

  private synchronized void take(ConsumerRecord<String, InferenceRequest> record) {
    InferenceRequest request = record.value();
    Lane lane = laneOf(record);
    String fingerprint = Fingerprint.of(request).hex();
    String first = firsts.putIfAbsent(request.getId(), fingerprint);
    if (first == null) {
      dispatched.add(request);
      answer(request, lane);
    } else if (!first.equals(fingerprint)) {
      respond(ended(request, lane, Reason.IDEMPOTENCY_KEY_REUSED, Status.REJECTED), request);
    } else {
      repeat(request);
    }
  }

  private void repeat(InferenceRequest request) {
    InferenceResponse before = answered.get(request.getId());
    if (before != null) {
      respond(before, request);
    } else {
      held.getOrDefault(request.getId(), new ArrayList<>()).add(request);
    }
  }

  private void answer(InferenceRequest request, Lane lane) {
    String prompt = prompt(request);
    if (prompt.startsWith(HOLD)) { // also when it comes late
      hold(request);
    } else if (prompt.startsWith(HALF)) {
      stream(request, prompt.substring(HALF.length()));
      hold(request);
    } else if (request.getDeadlineAt() != null && request.getDeadlineAt().isBefore(Instant.now())) {
      respond(ended(request, lane, Reason.DEADLINE_EXCEEDED, Status.REJECTED), request);
    } else if (prompt.startsWith(LIMITED)) {
      var reason = Reason.ofCode(prompt.substring(LIMITED.length())).orElseThrow();
      var failure =
          Failure.newBuilder(reason.because("because of " + reason.code()))
              .setRetryAfterMs(RETRY_AFTER_MS)
              .setRemainingPicoUsd(REMAINING_PICO)
              .build();
      respond(response(request, lane, Status.FAILED).setFailure(failure).build(), request);
    } else if (prompt.startsWith(PIECES)) {
      respond(answered(request, lane, stream(request, prompt.substring(PIECES.length()))), request);
    } else if (prompt.startsWith(OTHER)) {
      stream(request, prompt.substring(OTHER.length()));
      respond(answered(request, lane, "something else"), request);
    } else if (prompt.startsWith(CALL)) {
      respond(answered(request, lane, calling()), request);
    } else if (prompt.startsWith(FAIL)) {
      var reason = Reason.ofCode(prompt.substring(FAIL.length())).orElseThrow();
      respond(ended(request, lane, reason, Status.FAILED), request);
    } else {
      respond(answered(request, lane, "answer to " + prompt), request);
      bill(cost(request, lane));
    }
  }

  private void hold(InferenceRequest request) {
    held.put(request.getId(), new ArrayList<>(List.of(request)));
  }

  /** Answers what is held under this id, or will be soon. */
  void release(String id) {
    Awaitility.await("held under " + id).pollDelay(Duration.ZERO).until(() -> held.containsKey(id));
    answerHeld(id);
  }

  private synchronized void answerHeld(String id) {
    List<InferenceRequest> waiting = Objects.requireNonNull(held.remove(id));
    String prompt = prompt(waiting.getFirst());
    String text =
        prompt.startsWith(HALF)
            ? prompt.substring(HALF.length()).replace("|", "") + " released"
            : "released";
    var response = answered(waiting.getFirst(), Lane.STANDARD, text);
    waiting.forEach(request -> respond(response, request));
  }

  /** Whether somebody took the request back. */
  synchronized boolean isWithdrawn(String id) {
    withdrawals.poll(Duration.ofMillis(100)).forEach(record -> withdrawn.add(record.value()));
    return withdrawn.stream().anyMatch(withdrawal -> withdrawal.getRequestId().equals(id));
  }

  /** Requests whose last message is {@code prompt}, once for each time one was not a repeat. */
  List<InferenceRequest> dispatched(String prompt) {
    return dispatched.stream().filter(request -> prompt(request).equals(prompt)).toList();
  }

  /** How many requests there were whose last message contains {@code part}. */
  long dispatchedLike(String part) {
    return dispatched.stream().filter(request -> prompt(request).contains(part)).count();
  }

  /** What is asked: the last text, or what is to be embedded. */
  private static String prompt(InferenceRequest request) {
    return request.getMessages().isEmpty()
        ? String.valueOf(request.getInput())
        : Messages.textOf(request.getMessages().getLast());
  }

  /** Sends the pieces between bars, if somebody wants pieces, and gives the whole. */
  private String stream(InferenceRequest request, String text) {
    String[] pieces = text.split("\\|", -1);
    for (int i = 0; i < pieces.length && request.getStream(); i++) {
      var delta = new Delta(DeltaKind.TEXT, 0, 0, pieces[i], null, null);
      var chunk =
          new ResponseChunk(
              request.getId(),
              request.getTenant(),
              request.getId() + ":1",
              i,
              "simulator",
              MODEL,
              List.of(delta));
      send(topics.chunks(), request.getReplyPartition(), request.getId(), chunk);
    }
    return String.join("", pieces);
  }

  private static Answer calling() {
    return new Answer(
        "Let me look.",
        "tool_calls",
        List.of(
            new Reasoning("I should look.", "c2lnbmVk", null),
            new TextPart("Let me look.", null),
            new ToolCall("call_1", "weather", "{\"city\":\"Zürich\"}", null)),
        null,
        null,
        null,
        List.of("top_k"),
        List.of(),
        null);
  }

  private static InferenceResponse answered(InferenceRequest request, Lane lane, String text) {
    Answer answer = Answers.text(text, "stop");
    if (request.getEndpoint() == Endpoint.EMBEDDINGS) {
      answer =
          Answer.newBuilder(answer)
              .setPayload("[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.25,-0.5]}]")
              .build();
    }
    return answered(request, lane, answer);
  }

  private static InferenceResponse answered(InferenceRequest request, Lane lane, Answer answer) {
    return response(request, lane, Status.ANSWERED)
        .setAnswer(answer)
        .setServedBy(ServedBy.PROVIDER)
        .setProvider("simulator")
        .setModel(MODEL)
        .setUsage(new Usage(10L, 3L, 2L, 1L, 5L, 4L, 0L, 0L, 0L, 0L))
        .setSpentPicoUsd(COST_PICO)
        .setAvoidedPicoUsd(0L)
        .build();
  }

  private static InferenceResponse ended(
      InferenceRequest request, Lane lane, Reason reason, Status status) {
    Failure failure = reason.because("because of " + reason.code());
    return response(request, lane, status).setFailure(failure).build();
  }

  private static InferenceResponse.Builder response(
      InferenceRequest request, Lane lane, Status status) {
    var now = Instant.now();
    Instant acceptedAt = request.getAcceptedAt();
    return InferenceResponse.newBuilder()
        .setId(request.getId())
        .setTenant(request.getTenant())
        .setLane(lane)
        .setStatus(status)
        .setFingerprint(Fingerprint.of(request).hex())
        .setAcceptedAt(acceptedAt == null ? now : acceptedAt)
        .setCompletedAt(now)
        .setReplyPartition(request.getReplyPartition());
  }

  private static CostEvent cost(InferenceRequest request, Lane lane) {
    return CostEvent.newBuilder()
        .setEventId("attempt:" + request.getId())
        .setRevision(2)
        .setAt(Instant.now())
        .setTenant(request.getTenant())
        .setLane(lane)
        .setRequestId(request.getId())
        .setRequestedModel(request.getModel())
        .setModel(MODEL)
        .setProvider("simulator")
        .setCause(Cause.PROVIDER)
        .setProvenance(Provenance.REPORTED)
        .setSpentPicoUsd(COST_PICO)
        .setAvoidedPicoUsd(0L)
        .build();
  }

  private void respond(InferenceResponse response, InferenceRequest request) {
    if (response.getStatus() != Status.REJECTED) {
      answered.put(response.getId(), response);
    }
    send(topics.responses(), request.getReplyPartition(), response.getId(), response);
  }

  /** Writes a cost event, as settle would. */
  void bill(CostEvent event) {
    send(topics.billing(), null, event.getEventId(), event);
  }

  private <V> void send(Topic<String, V> topic, @Nullable Integer partition, String key, V value) {
    byte[] bytes = topic.values().serializer().serialize(topic.name(), value);
    var _ = producer.send(new ProducerRecord<>(topic.name(), partition, key, bytes));
  }

  private Lane laneOf(ConsumerRecord<String, InferenceRequest> record) {
    Lane lane = lanes.get(record.topic());
    if (lane == null) {
      throw new IllegalStateException(record.topic() + " is no lane");
    }
    return lane;
  }

  /** Stops, and keeps what was answered for those who ask later. */
  @Override
  public void close() {
    requests.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close();
    withdrawals.close(CloseOptions.timeout(Duration.ofMillis(200)));
  }
}
