package io.penstock.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.InferenceResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class WaitersTest {
  private final Waiters waiters = new Waiters();

  @Test
  void allWhoWaitForOneIdShareItsResponse() {
    var waiting = new ArrayList<CompletableFuture<InferenceResponse>>();
    for (int i = 0; i < 200; i++) {
      waiting.add(waiters.add("id", "default", null));
    }
    var response = Responses.answered("id", "yes");
    waiters.deliver(response);
    assertThat(waiting).allSatisfy(future -> assertThat(future).isCompletedWithValue(response));
    assertThat(waiters.size()).isZero();
  }

  @Test
  void aResponseReachesOnlyItsOwnId() {
    var other = waiters.add("other", "default", null);
    waiters.deliver(Responses.answered("id", "yes"));
    assertThat(other).isNotDone();
  }

  @Test
  void aResponseToAnotherTenantsRequestOfTheSameIdReachesNobodyHere() {
    var ours = waiters.add("id", "acme", null);
    waiters.deliver(Responses.answered("id", "for the default tenant"));
    assertThat(ours).isNotDone();
  }

  @Test
  void whoeverStopsWaitingIsForgottenAndTheOthersWaitOn() {
    var leaves = waiters.add("id", "default", null);
    var stays = waiters.add("id", "default", null);
    leaves.cancel(false);
    assertThat(waiters.size()).isOne();
    waiters.deliver(Responses.answered("id", "yes"));
    assertThat(stays).isCompleted();
  }

  @Test
  void tenThousandAbandonedWaitsLeaveNothingBehind() {
    for (int i = 0; i < 10_000; i++) {
      var waiter = waiters.add("id-" + i, "default", null);
      switch (i % 3) {
        case 0 -> waiter.cancel(true);
        case 1 -> waiter.completeExceptionally(new IllegalStateException("gave up"));
        default -> assertThat(waiter.orTimeout(1, TimeUnit.MILLISECONDS)).isNotNull();
      }
    }
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(waiters.size()).isZero());
  }

  @Test
  void tenThousandAbandonedWaitsOfOneIdLeaveNothingBehind() {
    var waiting = new ArrayList<CompletableFuture<InferenceResponse>>();
    for (int i = 0; i < 10_000; i++) {
      waiting.add(waiters.add("id", "default", null));
    }
    waiting.forEach(waiter -> waiter.cancel(false));
    assertThat(waiters.size()).isZero();
    assertThat(waiters.anyFor("id")).isFalse();
  }

  @Test
  void aDuplicateIsDropped() {
    var waiter = waiters.add("id", "default", null);
    var first = Responses.answered("id", "yes");
    waiters.deliver(first);
    waiters.deliver(Responses.answered("id", "yes again"));
    assertThat(waiter).isCompletedWithValue(first);
    assertThat(waiters.size()).isZero();
  }

  @Test
  void theRejectionOfAnotherTextUnderTheSameKeyIsNotOurs() {
    var ours = waiters.add("id", "default", "our fingerprint");
    var theirs = waiters.add("id", "default", "their fingerprint");
    waiters.deliver(Responses.rejected("id", "their fingerprint"));
    assertThat(theirs).isCompleted();
    assertThat(ours).isNotDone();
    waiters.deliver(Responses.answered("id", "yes"));
    assertThat(ours).isCompleted();
  }

  @Test
  void whoeverWaitsAtTheEndIsToldThatItEnded() {
    var waiter = waiters.add("id", "default", null);
    waiters.failAll(new ClientException.Closed());
    assertThatThrownBy(waiter::join).hasCauseInstanceOf(ClientException.Closed.class);
    assertThat(waiters.size()).isZero();
  }
}
