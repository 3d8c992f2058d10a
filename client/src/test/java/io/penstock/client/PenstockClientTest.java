package io.penstock.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.broker.EmbeddedBroker;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.Stalls;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Messages;
import io.penstock.schemas.Topic;
import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.schemas.avro.Withdrawal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PenstockClientTest {
  private static final Topics TOPICS = new Topics("penstock.", 4, new MemoryRegistry());
  private static final Duration SOON = Duration.ofMinutes(1);
  private static TestingBroker broker;
  private static KafkaConnection connection;

  @BeforeAll
  static void startBroker() {
    Awaitility.setDefaultTimeout(SOON);
    broker = TestingBroker.start(TOPICS);
    connection = KafkaConnection.to(broker.bootstrap());
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void aRequestIsKeyedByItsFingerprintAndAsksToBeAnsweredHere() throws Exception {
    try (var client = client("keyed")) {
      var request = request(client, "what is a penstock?");
      client.send(Lane.EXPRESS, request).accepted().get(SOON.toSeconds(), TimeUnit.SECONDS);
      var sent = sent(connection, Lane.EXPRESS, request.getId());
      assertThat(sent.key()).isEqualTo(Fingerprint.of(request).hex());
      assertThat(sent.value().getReplyPartition()).isEqualTo(client.replyPartition());
      assertThat(sent.value().getMessages()).isEqualTo(request.getMessages());
    }
  }

  @Test
  void aRequestWithAnIdempotencyKeyGoesWhereTheKeyIsClaimed() throws Exception {
    try (var client = client("claims")) {
      var id = ids(client).ofIdempotencyKey("acme", "key");
      var request =
          InferenceRequest.newBuilder(request(client, "hello"))
              .setId(id)
              .setTenant("acme")
              .setIdempotencyKey("key")
              .build();
      client.send(Lane.STANDARD, request).accepted().get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(sent(connection, Lane.STANDARD, id).key())
          .isEqualTo(Fingerprint.ofClaim("acme", "key").hex());
    }
  }

  @Test
  void theResponseReachesEveryWaiterAndOnlyOnce() throws Exception {
    try (var client = client("waits");
        var responder = producer(connection)) {
      var request = request(client, "hello");
      var response = client.submit(Lane.EXPRESS, request);
      var others = IntStream.range(0, 20).mapToObj(i -> client.await(request)).toList();
      respond(responder, client, Responses.answered("somebody else's", "no"));
      respond(responder, client, Responses.answered(request.getId(), "yes"));
      respond(responder, client, Responses.answered(request.getId(), "yes, again"));
      assertThat(response.get(SOON.toSeconds(), TimeUnit.SECONDS).getAnswer().getText())
          .isEqualTo("yes");
      assertThat(others).allSatisfy(o -> assertThat(o).succeedsWithin(SOON));
      assertThat(client.waiting()).isZero();
    }
  }

  @Test
  void aResponseThatNobodyCanReadDoesNotStopTheOthers() throws Exception {
    try (var client = client("garbled");
        var responder = producer(connection)) {
      var request = request(client, "hello");
      var response = client.submit(Lane.EXPRESS, request);
      respond(responder, client, request.getId(), new byte[] {7, 7, 7});
      respond(responder, client, Responses.answered(request.getId(), "yes"));
      assertThat(response).succeedsWithin(SOON);
    }
  }

  @Test
  void whoListensHearsThePiecesOfItsOwnAnswer() throws Exception {
    try (var client = client("listens");
        var worker = producer(connection)) {
      var request = request(client, "hello");
      var heard = new CopyOnWriteArrayList<ResponseChunk>();
      try (var _ = client.listen(request, heard::add)) {
        var response = client.submit(Lane.EXPRESS, request);
        stream(worker, client, chunk("somebody else's", 0, "no"));
        stream(worker, client, chunk(request.getId(), 0, "yes"));
        stream(worker, client, chunk(request.getId(), 1, ", indeed"));
        Awaitility.await().until(() -> heard.size() == 2);
        respond(worker, client, Responses.answered(request.getId(), "yes, indeed"));
        assertThat(response).succeedsWithin(SOON);
      }
      assertThat(heard).extracting(ResponseChunk::getSequence).containsExactly(0, 1);
      assertThat(client.listening()).isZero();
    }
  }

  @Test
  void aChunkThatNobodyCanReadDoesNotStopTheOthers() throws Exception {
    try (var client = client("garbled-chunk");
        var worker = producer(connection)) {
      var request = request(client, "hello");
      var heard = new CopyOnWriteArrayList<ResponseChunk>();
      try (var _ = client.listen(request, heard::add)) {
        worker
            .send(
                new ProducerRecord<>(
                    TOPICS.chunks().name(),
                    client.replyPartition(),
                    request.getId(),
                    new byte[] {7, 7, 7}))
            .get(SOON.toSeconds(), TimeUnit.SECONDS);
        stream(worker, client, chunk(request.getId(), 0, "yes"));
        Awaitility.await().until(() -> heard.size() == 1);
      }
    }
  }

  @Test
  void aWithdrawalGoesWhereTheRequestIs() throws Exception {
    try (var client = client("withdraws")) {
      var request = request(client, "never mind");
      client.send(Lane.STANDARD, request).accepted().get(SOON.toSeconds(), TimeUnit.SECONDS);
      var at = Instant.parse("2026-11-28T12:00:00Z");
      client.retraction(request).at(at).get(SOON.toSeconds(), TimeUnit.SECONDS);
      var asked = sent(connection, Lane.STANDARD, request.getId());
      var withdrawn =
          found(connection, TOPICS.withdrawals(), w -> w.getRequestId().equals(request.getId()));
      assertThat(withdrawn.key()).isEqualTo(asked.key());
      assertThat(withdrawn.partition()).isEqualTo(asked.partition());
      assertThat(withdrawn.value())
          .isEqualTo(
              new Withdrawal(request.getId(), "default", client.replyPartition(), at, false));
    }
  }

  @Test
  void whatStandsUnderAnIdempotencyKeyIsNotWithdrawn() {
    try (var client = client("keeps")) {
      var claimed = InferenceRequest.newBuilder(submitted("id")).setIdempotencyKey("key").build();
      assertThatThrownBy(() -> client.retraction(claimed))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void whoMadeTheKeyWithdrawsForGoodWhereTheEqualsOfTheRequestAre() throws Exception {
    try (var client = client("withdraws-for-good")) {
      var claimed =
          InferenceRequest.newBuilder(submitted("done for")).setIdempotencyKey("key").build();
      var at = Instant.parse("2026-11-28T12:00:00Z");
      client.withdraw(claimed, at).get(SOON.toSeconds(), TimeUnit.SECONDS);
      var withdrawn =
          found(connection, TOPICS.withdrawals(), w -> w.getRequestId().equals("done for"));
      assertThat(withdrawn.key()).isEqualTo(Fingerprint.of(claimed).hex());
      assertThat(withdrawn.value().getForGood()).isTrue();
    }
  }

  @Test
  void clientsOfDifferentNamesSpreadOverThePartitions() {
    var chosen =
        IntStream.range(0, 64)
            .map(i -> ClientSettings.of("ingress-" + i).replyPartition(4))
            .distinct()
            .toArray();
    assertThat(chosen).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  @Test
  void closingTellsThoseWhoStillWait() throws Exception {
    var client = client("closes");
    var submission = client.send(Lane.EXPRESS, request(client, "hello"));
    submission.accepted().get(SOON.toSeconds(), TimeUnit.SECONDS);
    client.close();
    assertThatThrownBy(() -> submission.response().get(SOON.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(ClientException.Closed.class);
    assertThat(client.waiting()).isZero();
  }

  @Test
  void whatIsSentToAClosedClientIsNotDurable() {
    var client = client("closed");
    client.close();
    var late = client.send(Lane.EXPRESS, submitted("late"));
    assertThat(late.accepted().exceptionNow()).isInstanceOf(ClientException.Closed.class);
    assertThat(late.response().exceptionNow()).isInstanceOf(ClientException.Closed.class);
    assertThat(client.waiting()).isZero();
  }

  /** A producer whose broker takes its time, and acknowledges just before the end. */
  private static final class Late extends MockProducer<byte[], byte[]> {
    private Runnable beforeTheEnd = () -> {};

    private Late() {
      super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void close(Duration timeout) {
      beforeTheEnd.run();
      completeNext();
      super.close(timeout);
    }
  }

  @Test
  void whoeverWaitsWhenTheClientClosesHearsOfItOnlyOnceItsRequestIsKnownToBeDurable()
      throws Exception {
    var kafka = new Late();
    var client =
        PenstockClient.start(
            ClientSettings.of("hasty"), connection, TOPICS, new RequestProducer(TOPICS, kafka));
    try (var responder = producer(connection)) {
      var submission = client.send(Lane.EXPRESS, request(client, "hello"));
      var durable = submission.response().handle((_, _) -> submission.accepted().isDone());
      kafka.beforeTheEnd =
          () -> {
            var late = client.send(Lane.EXPRESS, submitted("sent while it closes"));
            assertThat(late.accepted()).isCompletedExceptionally();
            assertThat(late.response()).isCompletedExceptionally();
            // Something comes, and so the reader of responses ends before the producer does.
            var _ =
                responder.send(
                    new ProducerRecord<>(
                        TOPICS.responses().name(), client.replyPartition(), "x", new byte[0]));
            Awaitility.await().until(() -> !client.reads());
          };
      client.close();
      assertThat(submission.accepted()).isCompleted();
      assertThat(submission.response().exceptionNow()).isInstanceOf(ClientException.Closed.class);
      assertThat(durable).isCompletedWithValue(true);
      assertThat(kafka.history()).hasSize(1);
    }
  }

  @Test
  void whoeverWaitsIsLetGoAlthoughTheProducerDoesNotCloseAsItShould() throws Exception {
    var kafka = new Late();
    var client =
        PenstockClient.start(
            ClientSettings.of("stuck"), connection, TOPICS, new RequestProducer(TOPICS, kafka));
    var submission = client.send(Lane.EXPRESS, request(client, "hello"));
    kafka.beforeTheEnd =
        () -> {
          throw new KafkaException("a part of it does not close");
        };

    assertThatThrownBy(client::close).isInstanceOf(KafkaException.class);

    assertThat(submission.response().exceptionNow()).isInstanceOf(ClientException.Closed.class);
    Awaitility.await().until(() -> !client.reads());
  }

  @Test
  void withoutABrokerARequestFailsInTimeAsRetriable() throws IOException {
    var settings =
        new ClientSettings(
            "alone",
            Duration.ofMillis(500),
            Duration.ZERO,
            new ClientSettings.ReplyPartition.Given(0));
    var nobody = KafkaConnection.to("127.0.0.1:" + freePort());
    try (var client = PenstockClient.start(settings, nobody, TOPICS);
        var stalls = new Stalls()) {
      var submission = client.send(Lane.EXPRESS, submitted("id"));
      assertThatThrownBy(() -> submission.accepted().get(SOON.toSeconds(), TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(ClientException.Unavailable.class)
          .hasMessageContaining("no connection to 127.0.0.1");
      assertThat(stalls.running()).isLessThan(Duration.ofMillis(1500));
      assertThat(submission.response()).isCompletedExceptionally();
      assertThat(client.waiting()).isZero();
      assertThatThrownBy(client::ids).isInstanceOf(ClientException.Unavailable.class);
    }
  }

  @Test
  void aClientOutlivesARestartOfTheBroker(@TempDir Path data) throws Exception {
    int port = freePort();
    var there = KafkaConnection.to("127.0.0.1:" + port);
    var settings =
        new ClientSettings(
            "outlives",
            Duration.ofSeconds(2),
            Duration.ZERO,
            new ClientSettings.ReplyPartition.ByClientId());
    CompletableFuture<InferenceResponse> response;
    InferenceRequest before;
    try (var client = PenstockClient.start(settings, there, TOPICS)) {
      try (var first = EmbeddedBroker.start(data, port)) {
        provision(first);
        before = request(client, "before");
        response = client.await(before);
        // The first to be sent to a broker that has just begun may take longer than it may.
        Awaitility.await().until(() -> isDurable(client.publish(Lane.EXPRESS, before)));
      }
      var away = client.send(Lane.EXPRESS, submitted("away"));
      assertThatThrownBy(() -> away.accepted().get(SOON.toSeconds(), TimeUnit.SECONDS))
          .hasCauseInstanceOf(ClientException.Unavailable.class);
      try (var second = EmbeddedBroker.start(data, port);
          var responder = producer(there)) {
        respond(responder, client, Responses.answered(before.getId(), "after the restart"));
        assertThat(response.get(SOON.toSeconds(), TimeUnit.SECONDS).getAnswer().getText())
            .isEqualTo("after the restart");
        Awaitility.await()
            .until(() -> isDurable(client.publish(Lane.EXPRESS, request(client, "again"))));
        assertThat(second.port()).isEqualTo(port);
      }
    }
  }

  private static boolean isDurable(CompletableFuture<Void> accepted) throws Exception {
    return accepted.handle((_, error) -> error == null).get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  private static PenstockClient client(String name) {
    return PenstockClient.start(ClientSettings.of(name), connection, TOPICS);
  }

  private static InferenceRequest request(PenstockClient client, String prompt) {
    return InferenceRequest.newBuilder()
        .setId(ids(client).mint("default", Instant.now()))
        .setMessages(List.of(Messages.text("user", prompt)))
        .build();
  }

  /** However long it takes to connect. */
  private static RequestIds ids(PenstockClient client) {
    return Awaitility.await()
        .ignoreException(ClientException.Unavailable.class)
        .until(client::ids, ids -> true);
  }

  private static InferenceRequest submitted(String id) {
    return InferenceRequest.newBuilder()
        .setId(id)
        .setMessages(List.of(Messages.text("user", "hello")))
        .build();
  }

  private static void provision(EmbeddedBroker broker) {
    try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      new TopicProvisioner(admin, TopicProvisioner.BROKER_DEFAULT, Duration.ofSeconds(20))
          .provision(TOPICS);
    }
  }

  private static KafkaProducer<String, byte[]> producer(KafkaConnection connection) {
    return new KafkaProducer<>(
        connection.producer("responder", Duration.ZERO, Duration.ofSeconds(10)),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  private static void respond(
      KafkaProducer<String, byte[]> responder, PenstockClient client, InferenceResponse response)
      throws Exception {
    var topic = TOPICS.responses();
    respond(
        responder,
        client,
        response.getId(),
        topic.values().serializer().serialize(topic.name(), response));
  }

  private static void respond(
      KafkaProducer<String, byte[]> responder, PenstockClient client, String id, byte[] response)
      throws Exception {
    responder
        .send(
            new ProducerRecord<>(TOPICS.responses().name(), client.replyPartition(), id, response))
        .get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  private static ResponseChunk chunk(String id, int sequence, String text) {
    return new ResponseChunk(
        id,
        "default",
        id + ":1",
        sequence,
        "simulator",
        "small",
        List.of(new Delta(DeltaKind.TEXT, 0, 0, text, null, null)));
  }

  private static void stream(
      KafkaProducer<String, byte[]> worker, PenstockClient client, ResponseChunk chunk)
      throws Exception {
    var topic = TOPICS.chunks();
    byte[] value = topic.values().serializer().serialize(topic.name(), chunk);
    worker
        .send(
            new ProducerRecord<>(
                topic.name(), client.replyPartition(), chunk.getRequestId(), value))
        .get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  private static ConsumerRecord<String, InferenceRequest> sent(
      KafkaConnection connection, Lane lane, String id) {
    return found(connection, TOPICS.requests(lane), request -> request.getId().equals(id));
  }

  private static <V> ConsumerRecord<String, V> found(
      KafkaConnection connection, Topic<String, V> topic, Predicate<V> wanted) {
    try (var consumer =
        new KafkaConsumer<>(
            connection.consumer("reader"),
            topic.keys().deserializer(),
            topic.values().deserializer())) {
      var partitions =
          IntStream.range(0, topic.partitions())
              .mapToObj(p -> new TopicPartition(topic.name(), p))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var found = new ArrayList<ConsumerRecord<String, V>>();
      Awaitility.await()
          .until(() -> {
            consumer
                .poll(Duration.ofMillis(100))
                .forEach(record -> {
                  if (wanted.test(record.value())) {
                    found.add(record);
                  }
                });
            return !found.isEmpty();
          });
      return found.getFirst();
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
