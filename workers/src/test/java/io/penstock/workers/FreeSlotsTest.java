package io.penstock.workers;

import static io.penstock.workers.Plant.answer;
import static io.penstock.workers.Plant.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.schemas.Meter;
import io.penstock.schemas.avro.Answer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How much a worker takes. */
@ExtendWith(OneSite.class)
class FreeSlotsTest {
  private final Plant.Site site;

  FreeSlotsTest(Plant.Site site) {
    this.site = site;
  }

  @Test
  void hundredsOfSlowCallsAreInFlightInOneWorker() {
    int calls = 300;
    var arrived = new CountDownLatch(calls);
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              arrived.countDown();
              return self.held();
            })) {
      plant.worker(settings("w", calls + 20));
      Stream.generate(Plant::aDispatch).limit(calls).forEach(plant::send);
      await().until(() -> arrived.getCount() == 0);
      assertThat(
              plant.meters().get(Meter.CALLS_IN_FLIGHT.id()).tag("lane", "express").gauge().value())
          .isEqualTo(calls);
      plant.release();
      await().until(() -> plant.ended().count() == calls);
      assertThat(plant.ended()).allMatch(ended -> ended.getOutcome() instanceof Answer);
      assertThat(plant.provider().getRequestCount()).isEqualTo(calls);
    }
  }

  @Test
  void aWorkerWithoutFreeSlotsLeavesTheRestToOthers() {
    try (var plant = Plant.on(site, (request, self) -> self.held())) {
      plant.worker(settings("full", 2));
      Stream.generate(Plant::aDispatch).limit(6).forEach(plant::send);
      await().until(() -> plant.started().count() == 2);
      await().during(Duration.ofMillis(500)).until(() -> plant.started().count() == 2);

      plant.worker(settings("free", 8));
      await().until(() -> plant.started().count() == 6);
      assertThat(plant.started().map(s -> s.getAttempt().getWorker()))
          .containsExactlyInAnyOrder("full", "full", "free", "free", "free", "free");
      plant.release();
    }
  }

  @Test
  void anEndedCallMakesRoomForTheNext() {
    var inside = new AtomicInteger();
    var most = new AtomicInteger();
    var another = new CountDownLatch(1);
    try (var plant =
        Plant.on(
            site,
            (request, self) -> {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              if (inside.get() > 1) {
                another.countDown();
              }
              awaitBriefly(another); // Else a call would be over before the next could show itself.
              inside.decrementAndGet();
              return answer("Hi");
            })) {
      plant.worker(settings("w", 1));
      Stream.generate(Plant::aDispatch).limit(6).forEach(plant::send);
      await().until(() -> plant.ended().count() == 6);
      assertThat(most).hasValue(1);
    }
  }

  private static void awaitBriefly(CountDownLatch latch) {
    try {
      var _ = latch.await(150, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
