package io.penstock.client;

import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Withdrawal;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Produces requests and awaits their responses by request id. It may be used from any thread, and
 * outlives restarts of the broker. It connects in the background: a request sent while there is no
 * broker fails after the delivery timeout, with {@link ClientException.Unavailable}.
 *
 * <p>Futures complete on threads of the client's own; what is hung onto them must not block.
 */
public final class PenstockClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PenstockClient.class);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration PARTING = Duration.ofMillis(200);

  /** {@link #close()} takes no longer. */
  public static final Duration LONGEST_CLOSE = RequestProducer.LAST_SENDS.plus(PARTING);

  private final ClientSettings settings;
  private final KafkaConnection connection;
  private final Waiters waiters = new Waiters();
  private final Listeners listeners = new Listeners();
  private final RequestProducer producer;
  private final ReplyReader replies;
  private final CompletableFuture<RequestIds> connected = new CompletableFuture<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Executor patient = task -> Thread.ofVirtual().start(task);
  private final Thread thread;
  private volatile @Nullable Exception trouble;

  private PenstockClient(
      ClientSettings settings,
      KafkaConnection connection,
      Topics topics,
      RequestProducer producer) {
    this.settings = settings;
    this.connection = connection;
    this.producer = producer;
    this.replies = new ReplyReader(settings, connection, topics, waiters, listeners);
    this.thread =
        Thread.ofPlatform().name(settings.clientId() + "-replies").daemon().unstarted(this::run);
  }

  /** A client that connects in the background. */
  public static PenstockClient start(
      ClientSettings settings, KafkaConnection connection, Topics topics) {
    return start(settings, connection, topics, new RequestProducer(settings, connection, topics));
  }

  /** A client that sends by this producer, and closes it. */
  static PenstockClient start(
      ClientSettings settings,
      KafkaConnection connection,
      Topics topics,
      RequestProducer producer) {
    var client = new PenstockClient(settings, connection, topics, producer);
    client.thread.start();
    return client;
  }

  /** Sends a request whose acceptance is of no separate interest. */
  public CompletableFuture<InferenceResponse> submit(Lane lane, InferenceRequest request) {
    return send(lane, request).response();
  }

  /**
   * Sends a request and waits for its response. Any number may wait for one id. The request is
   * answered on this client's partition, whatever it names itself.
   */
  public Submission send(Lane lane, InferenceRequest request) {
    return send(request, its -> produce(lane, its));
  }

  /**
   * As {@link #send(Lane, InferenceRequest)}, for one of many that are sent in a row: slows the
   * sender down while they come faster than the broker takes them.
   *
   * @param patience how long the sender may be held up; a request that finds none left is not sent
   */
  public Submission send(Lane lane, InferenceRequest request, Duration patience) {
    return send(request, its -> produce(lane, its, patience));
  }

  private Submission send(
      InferenceRequest request, Function<InferenceRequest, CompletableFuture<Void>> producing) {
    CompletableFuture<InferenceResponse> response = await(request);
    if (!open()) {
      // The producer might take it yet; but whoever is told that we are closed may send it again.
      response.completeExceptionally(new ClientException.Closed());
      return new Submission(
          request.getId(), CompletableFuture.failedFuture(new ClientException.Closed()), response);
    }
    CompletableFuture<Void> accepted = producing.apply(answeredHere(request));
    var _ =
        accepted.whenComplete((_, error) -> {
          if (error != null) {
            response.completeExceptionally(error);
          }
        });
    return new Submission(request.getId(), accepted, response);
  }

  /** Sends a request that nobody here waits for. Completes when it is durable. */
  public CompletableFuture<Void> publish(Lane lane, InferenceRequest request) {
    return produce(lane, request);
  }

  /**
   * As {@link #publish(Lane, InferenceRequest)}, for one of many that are sent in a row: slows the
   * sender down while they come faster than the broker takes them.
   *
   * @param patience how long the sender may be held up; a request that finds none left is not sent
   */
  public CompletableFuture<Void> publish(Lane lane, InferenceRequest request, Duration patience) {
    return produce(lane, request, patience);
  }

  /** Waits for the response to a request that somebody has sent to be answered here. */
  public CompletableFuture<InferenceResponse> await(InferenceRequest request) {
    // Only under an idempotency key can another request have the same id.
    String fingerprint = request.getIdempotencyKey() == null ? null : Fingerprint.of(request).hex();
    var response = waiters.add(request.getId(), request.getTenant(), fingerprint);
    if (!open()) {
      response.completeExceptionally(new ClientException.Closed());
    }
    return response;
  }

  /**
   * Listens to the pieces of the answer to a request that is to be sent from here, with {@code
   * stream} set, afterwards: no piece can then be missed. Answers that were there already come in
   * no pieces. The response carries the whole answer, also what did not come in pieces.
   */
  public Listening listen(InferenceRequest request, ChunkListener listener) {
    return listeners.add(request.getId(), request.getTenant(), listener);
  }

  /**
   * What may be used to withdraw a request that is sent from here. Not for one under an idempotency
   * key, whose answer others may ask for again.
   */
  public Retraction retraction(InferenceRequest request) {
    String id = request.getId();
    String tenant = request.getTenant();
    if (request.getIdempotencyKey() != null) {
      throw new IllegalArgumentException(id + " stands under an idempotency key");
    }
    Fingerprint fingerprint = Fingerprint.of(request);
    return at ->
        producer.withdraw(new Withdrawal(id, tenant, replies.partition(), at, false), fingerprint);
  }

  /**
   * Withdraws a request for good, also one under an idempotency key: for whoever made the key, and
   * knows that the request will not come again. A hint like {@link Retraction}.
   *
   * @param at by the clock of the caller
   */
  public CompletableFuture<Void> withdraw(InferenceRequest request, Instant at) {
    var withdrawal =
        new Withdrawal(request.getId(), request.getTenant(), request.getReplyPartition(), at, true);
    return producer.withdraw(withdrawal, Fingerprint.of(request));
  }

  /** As {@link #ids(Duration)}, waiting for the delivery timeout. */
  public RequestIds ids() {
    return ids(settings.deliveryTimeout());
  }

  /**
   * The request ids of this client's cluster; blocks until it is known.
   *
   * @param patience no longer than this, nor than the delivery timeout
   * @throws ClientException.Unavailable when the broker does not say in that time
   */
  public RequestIds ids(Duration patience) {
    Duration most = settings.deliveryTimeout();
    long millis = (patience.compareTo(most) < 0 ? patience : most).toMillis();
    try {
      return connected.get(millis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ClientException known ? known : new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw notConnected();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notConnected();
    }
  }

  /** The partition of the responses topic on which requests sent here are answered. */
  public int replyPartition() {
    return replies.partition();
  }

  /** How many answers are listened to. */
  public int listening() {
    return listeners.size();
  }

  /** How many ids are waited for. */
  public int waiting() {
    return waiters.size();
  }

  /** A response can only be missed by a request sent before the client took its place. */
  private CompletableFuture<Void> produce(Lane lane, InferenceRequest request) {
    return isConnected() ? producer.send(lane, request) : produceOnceConnected(lane, request);
  }

  private CompletableFuture<Void> produce(Lane lane, InferenceRequest request, Duration patience) {
    return isConnected()
        ? producer.send(lane, request, patience)
        : produceOnceConnected(lane, request);
  }

  private boolean isConnected() {
    return connected.isDone() && !connected.isCompletedExceptionally();
  }

  private CompletableFuture<Void> produceOnceConnected(Lane lane, InferenceRequest request) {
    // Waiting on a thread leaves nothing behind when it is in vain; a future hung onto another
    // would.
    return CompletableFuture.supplyAsync(this::ids, patient)
        .thenCompose(ids -> producer.send(lane, request));
  }

  private ClientException.Unavailable notConnected() {
    Exception known = trouble;
    return new ClientException.Unavailable(
        "no connection to " + connection + (known == null ? "" : ": " + known.getMessage()), known);
  }

  private InferenceRequest answeredHere(InferenceRequest r) {
    return new InferenceRequest(
        r.getId(),
        r.getTenant(),
        r.getModel(),
        r.getMessages(),
        r.getMaxTokens(),
        r.getTemperature(),
        r.getUseCache(),
        r.getAcceptedAt(),
        r.getDeadlineAt(),
        r.getIdempotencyKey(),
        replies.partition(),
        r.getMetadata(),
        r.getEndpoint(),
        r.getInput(),
        r.getOptions(),
        r.getDialect(),
        r.getAsides(),
        r.getCache(),
        r.getKeyId(),
        r.getServiceTier(),
        r.getStream());
  }

  private void run() {
    try (replies) {
      while (open()) {
        try {
          if (connected.isDone()) {
            replies.readOn();
            trouble = null;
          } else {
            connect();
          }
        } catch (WakeupException e) {
          LOG.debug("woken up to close");
        } catch (RuntimeException | ExecutionException e) {
          // Whatever it was: a client that reads no more would let every caller wait in vain.
          pauseAfter(e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connected.completeExceptionally(new ClientException.Closed());
      if (open()) { // an error ended it, and nobody reads on
        waiters.failAll(new ClientException.Closed());
      }
    }
  }

  /** Whether responses are read, or will be. */
  boolean reads() {
    return thread.isAlive();
  }

  private void connect() throws ExecutionException, InterruptedException {
    producer.prepare();
    replies.open();
    try (var admin = Admin.create(connection.admin(settings.clientId() + "-admin"))) {
      var options = new DescribeClusterOptions().timeoutMs((int) PATIENCE.toMillis());
      connected.complete(new RequestIds(admin.describeCluster(options).clusterId().get()));
    }
  }

  private boolean open() {
    return closing.getCount() > 0;
  }

  private void pauseAfter(Exception e) throws InterruptedException {
    if (!open()) {
      return;
    }
    if (trouble == null) {
      LOG.warn("{}: trouble with {}, trying on: {}", settings.clientId(), connection, e.toString());
    }
    trouble = e;
    closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Sends what is under way, for up to half a second, and then fails whoever still waits with
   * {@link ClientException.Closed}: their requests, where they are durable, are answered all the
   * same. Takes no longer than {@link #LONGEST_CLOSE}.
   */
  @Override
  public void close() {
    closing.countDown();
    try {
      producer.close(); // What is under way is told of now: nobody hears of it after this.
    } finally {
      letGo();
    }
  }

  private void letGo() {
    waiters.failAll(new ClientException.Closed());
    replies.wakeUp();
    try {
      if (!thread.join(PARTING)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
