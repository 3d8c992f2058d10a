package io.penstock.ingress.health;

import io.penstock.client.ClientException;
import io.penstock.client.PenstockClient;
import io.penstock.client.Submission;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.Messages;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request that has made the whole round since this process started: through the producer, the
 * topology and back. Its deadline has passed before it is sent, so it is rejected and costs
 * nothing; that it is rejected proves the way, and warms it up. Tried until it succeeds.
 */
public final class Canary implements AutoCloseable {
  /** The tenant of canaries, for those who would rather not count them. */
  public static final String TENANT = "penstock.canary";

  private static final Logger LOG = LoggerFactory.getLogger(Canary.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration AGE = Duration.ofSeconds(2);

  private final PenstockClient client;
  private final InstantSource clock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean returned;

  private Canary(PenstockClient client, InstantSource clock) {
    this.client = client;
    this.clock = clock;
  }

  /** Sends one on its way in the background. */
  public static Canary start(PenstockClient client, InstantSource clock) {
    var canary = new Canary(client, clock);
    Thread.ofVirtual().name("penstock-canary").start(canary::run);
    return canary;
  }

  /** Whether it has come back. */
  public boolean returned() {
    return returned;
  }

  private void run() {
    try {
      while (!returned && closing.getCount() > 0) {
        fly();
        if (!returned) {
          closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fly() throws InterruptedException {
    Submission canary;
    try {
      canary = client.send(Lane.EXPRESS, request());
    } catch (ClientException e) {
      LOG.debug("the canary could not be sent: {}", e.getMessage());
      return;
    }
    try {
      canary.response().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      returned = true;
    } catch (ExecutionException e) {
      LOG.debug("the canary could not be sent: {}", e.getMessage());
    } catch (TimeoutException e) {
      LOG.debug("the canary has not come back: is a topology running?");
    } finally {
      canary.response().cancel(false);
    }
  }

  private InferenceRequest request() {
    var now = clock.instant();
    return new InferenceRequest(
        client.ids().mint(TENANT, now),
        TENANT,
        ModelDirectory.AUTO,
        List.of(Messages.text("user", "canary")),
        null,
        null,
        true,
        now.minus(AGE),
        now.minus(AGE.dividedBy(2)),
        null,
        null,
        Map.of(),
        Endpoint.CHAT,
        null,
        null,
        Dialect.PENSTOCK,
        null,
        null,
        null,
        null,
        false);
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
