package io.penstock.workers;

import static io.penstock.workers.Plant.aDispatch;
import static io.penstock.workers.Plant.answer;
import static io.penstock.workers.Plant.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.embedded.testing.Stalls;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Meter;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.registry.RegistryException;
import io.penstock.schemas.registry.SchemaRegistry;
import io.penstock.workers.provider.ProviderSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a worker ends. */
@ExtendWith(OneSite.class)
class ClosingTest {
  private static final Duration SHORT_GRACE = Duration.ofMillis(300);
  private static final Duration LONG_GRACE = Duration.ofSeconds(60);

  /** For what it does besides waiting. */
  private static final Duration SLACK = Duration.ofMillis(500);

  private final Plant.Site site;

  ClosingTest(Plant.Site site) {
    this.site = site;
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
  void closingTakesLessThanThreeSeconds() {
    assertThat(Workers.LONGEST_CLOSE).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void closingIsQuickAndLetsAHungCallGo() {
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      var worker = plant.worker(settings("w", 4), SHORT_GRACE);
      plant.send(aDispatch());
      await().until(() -> plant.provider().getRequestCount() == 1);
      closesInTime(worker);
      assertThat(plant.ended()).isEmpty();
      assertThat(plant.meters().find(Meter.CALLS_IN_FLIGHT.id()).gauge()).isNull();
    }
  }

  @Test
  void closingIsQuickWhileTheBrokerIsAway() throws IOException {
    closesInTime(withoutBroker(site.topics()));
  }

  @Test
  void lanesThatDoNotLeaveAreNotWaitedForOneByOne() throws IOException {
    try (var stuck = new StuckRegistry()) {
      var worker = withoutBroker(site.seenThrough(stuck));
      await().until(() -> stuck.lanes.getCount() == 0);
      closesInTime(worker);
    }
  }

  /** Its bound holds for whatever time it could run in. */
  private static void closesInTime(Workers worker) {
    try (var stalls = new Stalls()) {
      worker.close();
      worker.close();
      assertThat(stalls.running()).isLessThan(Workers.longestClose(SHORT_GRACE).plus(SLACK));
    }
  }

  private static Workers withoutBroker(Topics topics) throws IOException {
    int unused;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    return Workers.start(
        WorkerSettings.named("w"),
        KafkaConnection.to("127.0.0.1:" + unused),
        topics,
        List.of(ProviderSettings.openAi(Plant.PROVIDER, "http://127.0.0.1:" + unused, null)),
        new SimpleMeterRegistry(),
        SHORT_GRACE);
  }

  /** Does not answer, and does not hear that nobody waits. */
  private static final class StuckRegistry implements SchemaRegistry {
    private final CountDownLatch lanes = new CountDownLatch(Lane.values().length);
    private final CountDownLatch gate = new CountDownLatch(1);

    @Override
    public int register(String subject, Schema schema) {
      if (subject.contains("work")) {
        lanes.countDown();
      }
      return answer();
    }

    @Override
    public Schema byId(int id) {
      throw new IllegalStateException("asked for " + answer());
    }

    private int answer() {
      boolean interrupted = false;
      while (gate.getCount() > 0) {
        try {
          gate.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      throw new RegistryException.Unavailable("stuck", null);
    }

    @Override
    public void close() {
      gate.countDown();
    }
  }

  @Test
  void closingLetsARunningCallEnd() throws InterruptedException {
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      var worker = plant.worker(settings("w", 4), LONG_GRACE);
      plant.send(aDispatch());
      await().until(() -> plant.provider().getRequestCount() == 1);
      var closing = Thread.ofPlatform().start(worker::close);
      await().until(() -> !worker.running());
      plant.release();
      closing.join();
      assertThat(plant.ended())
          .singleElement()
          .satisfies(e -> assertThat(e.getOutcome()).isInstanceOf(Answer.class));
    }
  }
}
