package io.penstock.workers;

import static io.penstock.workers.Plant.aDispatch;
import static io.penstock.workers.Plant.answer;
import static io.penstock.workers.Plant.settings;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.policies.Reason;
import io.penstock.schemas.Names;
import io.penstock.schemas.WireSchemas;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.Lane;
import io.penstock.workers.provider.ProviderSettings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of dispatches that a worker took and could not make its own. */
@ExtendWith(OneSite.class)
class HandOverTest {

  private final Plant.Site site;

  HandOverTest(Plant.Site site) {
    this.site = site;
  }

  @Test
  void aDispatchWhoseWorkerLeavesBeforeItsStartReachesAnother() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      try (var leaving = new Member(plant)) {
        plant.send(aDispatch());
        leaving.take();
      }
      plant.worker(settings("heir", 4));
      await().until(() -> plant.ended().count() == 1);
      assertThat(plant.started())
          .singleElement()
          .satisfies(s -> assertThat(s.getAttempt().getWorker()).isEqualTo("heir"));
    }
  }

  @Test
  void aWorkerThatCouldNotWriteLeavesDispatchesToOthers() {
    var mute = new MuteRegistry(site.registry()).refuse(Integer.MAX_VALUE);
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("mute", 4), site.seenThrough(mute));
      plant.send(aDispatch());
      await().until(() -> mute.refusals() > 0);
      plant.worker(settings("heir", 4));
      await().until(() -> plant.ended().count() == 1);
      assertThat(plant.started())
          .singleElement()
          .satisfies(s -> assertThat(s.getAttempt().getWorker()).isEqualTo("heir"));
      assertThat(plant.provider().getRequestCount()).isEqualTo(1);
    }
  }

  @Test
  void aDispatchThatOneWorkerCannotReadIsReadByAnother() {
    int unknown = otherSchema("heir");
    var mute = new MuteRegistry(site.registry()).refuse(Integer.MAX_VALUE, unknown);
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("mute", 4), site.seenThrough(mute));
      plant.worker(settings("heir", 4));
      await().until(() -> members() == 2);
      for (int i = 1; i <= 100 && mute.refusals() == 0; i++) {
        int sent = i;
        send(plant, aDispatch(), unknown);
        await().until(() -> plant.ended().count() == sent);
      }
      assertThat(mute.refusals()).as("one of them came to it first").isPositive();
      assertThat(plant.started()).allMatch(s -> s.getAttempt().getWorker().equals("heir"));
    }
  }

  @Test
  void aRegistryThatIsAwayForLongerThanKafkaTriesCostsNoDispatch() {
    int questions = Delivery.Sorting.LAST_DELIVERY + 1;
    var mute = new MuteRegistry(site.registry()).refuse(questions);
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("w", 4), site.seenThrough(mute));
      plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 1);
      assertThat(mute.refusals()).isEqualTo(questions);
      assertThat(plant.provider().getRequestCount()).isEqualTo(1);
    }
  }

  @Test
  void aDispatchThatCannotBeReadForLongIsHeldAndThenCalled() {
    int unknown = otherSchema("w");
    int deliveries = Delivery.Sorting.LAST_DELIVERY + 1;
    var mute = new MuteRegistry(site.registry()).refuse(deliveries, unknown);
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("w", 4), site.seenThrough(mute));
      send(plant, aDispatch(), unknown);
      await().until(() -> plant.ended().count() == 1);
      assertThat(mute.refusals()).isEqualTo(deliveries);
      assertThat(plant.deadLetters()).isEmpty();
    }
  }

  @Test
  void aDispatchReachesTheWorkerThatKnowsItsProvider() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(settings("knows", 4));
      plant.send(aDispatch()); // Its answer shows that the worker is there.
      await().until(() -> plant.ended().count() == 1);
      plant.worker(
          settings("stranger", 4), ProviderSettings.openAi("another", "http://localhost", null));
      await().until(() -> members() == 2);
      for (int i = 2; i <= 20; i++) {
        int sent = i;
        plant.send(aDispatch());
        await().until(() -> plant.ended().count() == sent);
      }
      assertThat(plant.events()).noneMatch(DispatchDropped.class::isInstance);
      assertThat(plant.started()).allMatch(s -> s.getAttempt().getWorker().equals("knows"));
    }
  }

  @Test
  void aDispatchGivenBackTooOftenIsPutAsideAndNotCalled() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      var dispatch = plant.send(aDispatch());
      try (var clumsy = new Member(plant)) {
        for (int delivery = 1; delivery < Delivery.Sorting.LAST_DELIVERY; delivery++) {
          clumsy.giveBack(clumsy.take());
        }
      }
      plant.worker(settings("w", 4));
      await().until(() -> plant.deadLetters().size() == 1);
      await().until(() -> !plant.events().isEmpty());
      assertThat(plant.events())
          .singleElement()
          .isInstanceOfSatisfying(
              DispatchDropped.class,
              dropped -> {
                assertThat(dropped.getDispatchId()).isEqualTo(dispatch.getId());
                assertThat(dropped.getFailure().getCode()).isEqualTo(Reason.WORKERS_LOST.code());
              });
      assertThat(plant.provider().getRequestCount()).isZero();
    }
  }

  @Test
  void everyLaneIsServedWithItsOwnLease() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      plant.worker(WorkerSettings.named("w"));
      for (Lane lane : Lane.values()) {
        plant.send(aDispatch(lane));
      }
      await().until(() -> plant.ended().count() == 3);
      assertThat(plant.ended()).allMatch(ended -> ended.getOutcome() instanceof Answer);
      assertThat(plant.started().map(AttemptStarted::getLeaseMs))
          .containsExactlyInAnyOrder(6_000L, 12_000L, 60_000L);
    }
  }

  /** How many take from the express lane. */
  private int members() throws ExecutionException, InterruptedException {
    String group = Names.WORKERS + "-express";
    var described = site.broker().admin().describeShareGroups(List.of(group)).all().get();
    return requireNonNull(described.get(group)).members().size();
  }

  /** The id of a schema that dispatches might as well be written under. */
  private int otherSchema(String name) {
    var schema =
        new Schema.Parser().parse(WireSchemas.portable(Dispatch.getClassSchema()).toString());
    schema.addProp("of", name);
    return site.registry().register(name, schema);
  }

  private static void send(Plant plant, Dispatch dispatch, int schemaId) {
    var work = plant.topics().work(dispatch.getLane());
    byte[] value = work.values().serializer().serialize(work.name(), dispatch);
    ByteBuffer.wrap(value).putInt(1, schemaId);
    plant.send(work.name(), dispatch.getId().getBytes(StandardCharsets.UTF_8), value);
  }

  /** A member of the workers' group that is no worker. */
  private static final class Member implements AutoCloseable {
    private final KafkaShareConsumer<byte[], byte[]> consumer;

    Member(Plant plant) {
      var config = plant.kafka().consumer("member");
      config.remove(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG);
      config.put(ConsumerConfig.GROUP_ID_CONFIG, Names.WORKERS + "-express");
      config.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
      config.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
      config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
      var bytes = new ByteArrayDeserializer();
      consumer = new KafkaShareConsumer<>(config, bytes, bytes);
      consumer.subscribe(List.of(plant.topics().work(Lane.EXPRESS).name()));
    }

    ConsumerRecord<byte[], byte[]> take() {
      var records = consumer.poll(OneSite.SOON);
      assertThat(records.count()).isEqualTo(1);
      return records.iterator().next();
    }

    void giveBack(ConsumerRecord<byte[], byte[]> record) {
      consumer.acknowledge(record, AcknowledgeType.RELEASE);
      consumer.commitSync();
    }

    @Override
    public void close() {
      consumer.close(Duration.ofSeconds(2));
    }
  }
}
