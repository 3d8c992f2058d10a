package io.penstock.workers;

import static io.penstock.workers.Plant.aDispatch;
import static io.penstock.workers.Plant.answer;
import static io.penstock.workers.Plant.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Meter;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.registry.SchemaRegistry;
import io.penstock.workers.provider.ProviderSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a worker ends. */
@ExtendWith(OneSite.class)
class ClosingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Plant.Site site;

  ClosingTest(Plant.Site site) {
    this.site = site;
  }

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(PATIENCE);
  }

  @Test
  void aWorkerRunsUntilItIsClosed() {
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      var worker = plant.worker(settings("w", 4));
      plant.send(aDispatch());
      await().until(() -> plant.ended().count() == 1);
      assertThat(worker.running()).isTrue();
      worker.close();
      assertThat(worker.running()).isFalse();
    }
  }

  @Test
  void aWorkerThatHasLostALaneDoesNotRun() {
    var broken = new BrokenRegistry();
    try (var plant = Plant.on(site, (request, self) -> answer("Hi"))) {
      var worker = plant.worker(settings("w", 4), site.seenThrough(broken));
      await().dontCatchUncaughtExceptions().until(() -> !worker.running());
    }
  }

  /** Meets the errors after which no thread goes on. */
  private static final class BrokenRegistry implements SchemaRegistry {
    @Override
    public int register(String subject, Schema schema) {
      throw new StackOverflowError("as told");
    }

    @Override
    public Schema byId(int id) {
      throw new StackOverflowError("as told");
    }

    @Override
    public void close() {}
  }

  @Test
  void closingIsQuickAndLetsAHungCallGo() {
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      var worker = plant.worker(settings("w", 4));
      plant.send(aDispatch());
      await().until(() -> plant.provider().getRequestCount() == 1);
      long begun = System.nanoTime();
      worker.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
      assertThat(plant.ended()).isEmpty();
      assertThat(plant.meters().find(Meter.CALLS_IN_FLIGHT.id()).gauge()).isNull();
    }
  }

  @Test
  void closingIsQuickWhileTheBrokerIsAway() throws IOException {
    int unused;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    var worker =
        Workers.start(
            WorkerSettings.named("w"),
            KafkaConnection.to("127.0.0.1:" + unused),
            site.topics(),
            List.of(ProviderSettings.openAi(Plant.PROVIDER, "http://127.0.0.1:" + unused, null)),
            new SimpleMeterRegistry());
    long begun = System.nanoTime();
    worker.close();
    worker.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void closingLetsARunningCallEnd() {
    var arrived = new CountDownLatch(1);
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              arrived.countDown();
              return answer("Hi").newBuilder().headersDelay(500, TimeUnit.MILLISECONDS).build();
            })) {
      var worker = plant.worker(settings("w", 4));
      plant.send(aDispatch());
      await().until(() -> arrived.getCount() == 0);
      worker.close();
      assertThat(plant.ended())
          .singleElement()
          .satisfies(e -> assertThat(e.getOutcome()).isInstanceOf(Answer.class));
    }
  }
}
