package io.penstock.ingress;

import io.javalin.Javalin;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.client.ClientSettings;
import io.penstock.client.PenstockClient;
import io.penstock.ingress.budgets.BudgetView;
import io.penstock.ingress.health.Canary;
import io.penstock.ingress.health.Readiness;
import io.penstock.ingress.ledger.LedgerView;
import io.penstock.ingress.providers.ProvidersView;
import io.penstock.ingress.status.StatusIndex;
import io.penstock.ingress.view.TableException;
import io.penstock.ingress.view.TopicView;
import io.penstock.policies.admit.Admission;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.kafka.clients.admin.Admin;

/**
 * The HTTP side of Penstock: one instance of any number. It serves from the return of {@link
 * #start} until {@link #close()}, also while the broker is away, when it says so.
 */
public final class Ingress implements AutoCloseable {
  /** Callers have this long to take what they are told when we stop. */
  static final Duration GRACE = Duration.ofSeconds(1);

  // So long a report waits for what is new, and is then shown as it stands.
  private static final Duration LEDGER_READS_ON = Duration.ofMillis(500);

  /** {@link #close()} takes no longer. */
  static final Duration LONGEST_CLOSE =
      PenstockClient.LONGEST_CLOSE.plus(GRACE).plus(TopicView.LONGEST_CLOSE);

  private final Opened opened;
  private final Javalin http;

  private Ingress(Opened opened, Javalin http) {
    this.opened = opened;
    this.http = http;
  }

  /**
   * Starts an instance.
   *
   * @param admission the rules the topology has, so that callers hear of mistakes at once
   * @throws IngressStartException with a one-line remedy
   */
  public static Ingress start(
      IngressSettings settings,
      KafkaConnection kafka,
      Topics topics,
      SchemaRegistry registry,
      Admission admission,
      PrometheusMeterRegistry meters) {
    return start(settings, kafka, topics, registry, admission, meters, GRACE);
  }

  /**
   * Starts an ingress that stops otherwise than is usual.
   *
   * @param grace how long callers have to take what they are told when it stops
   */
  static Ingress start(
      IngressSettings settings,
      KafkaConnection kafka,
      Topics topics,
      SchemaRegistry registry,
      Admission admission,
      PrometheusMeterRegistry meters,
      Duration grace) {
    var opened = new Opened();
    try {
      var http = open(opened, settings, kafka, topics, registry, admission, meters, grace);
      HttpServer.start(http);
      return new Ingress(opened, http);
    } catch (TableException.Unusable e) {
      opened.close();
      throw new IngressStartException.DirectoryUnusable(e);
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static Javalin open(
      Opened opened,
      IngressSettings settings,
      KafkaConnection kafka,
      Topics topics,
      SchemaRegistry registry,
      Admission admission,
      PrometheusMeterRegistry meters,
      Duration grace) {
    var clock = InstantSource.system();
    String name = settings.clientId();
    var directory = opened.add(DataDirectory.claim(settings.dataDir()));
    var admin = Admin.create(kafka.admin(name));
    opened.add(() -> admin.close(Duration.ZERO));
    var views = opened.add(new Together());
    var ledger =
        views.add(
            LedgerView.start(
                name + "-ledger",
                kafka,
                admin,
                topics.billing(),
                directory.resolve("ledger"),
                LEDGER_READS_ON));
    var budgets =
        views.add(
            BudgetView.start(
                name + "-budgets",
                kafka,
                admin,
                topics.budgets(),
                settings.budgets(),
                directory.resolve("budgets")));
    var status =
        views.add(
            StatusIndex.start(
                name + "-status", kafka, admin, topics.responses(), directory.resolve("status")));
    var providers =
        views.add(
            ProvidersView.start(
                name + "-providers",
                kafka,
                admin,
                topics.providers(),
                directory.resolve("providers"),
                clock));
    var client = opened.add(PenstockClient.start(clientSettings(settings), kafka, topics));
    var canary = opened.add(Canary.start(client, clock));
    var waits = new Waits(opened.add(new Deadlines()));
    var timings = new Timings(meters);
    var intake = new Intake(admission);
    var room = new BodyRoom(settings.bounds().bodyBytes());
    var batching =
        Batching.open(
            settings, kafka, admin, topics, directory, views, client, status, intake, room, clock);
    var sending =
        new Sending(client, status, waits, clock, settings.longestWait(), settings.onDisconnect());
    var desk =
        new InferenceHandler.Desk(
            intake, room, sending, waits, status, timings, clock, settings.pulse());
    var sockets = new StreamSockets(settings.apiKeys(), desk, HttpServer.idleTimeout(settings));
    var http =
        HttpServer.create(
            settings,
            new Routes(
                new Exchange(settings.apiKeys(), timings),
                new InferenceHandler(Faces.OWN, desk),
                new InferenceHandler(Faces.CHAT, desk),
                new InferenceHandler(Faces.EMBEDDINGS, desk),
                new InferenceHandler(Faces.MESSAGES, desk),
                sockets,
                new BatchHandler(client, intake, room, status, clock, settings.longestWait()),
                batching.files(),
                batching.batches(),
                new StatusHandler(client, status, clock),
                new CostsHandler(ledger),
                new BudgetsHandler(budgets, clock),
                new ModelsHandler(admission.models()),
                new ProvidersHandler(providers, admission.models()),
                new HealthHandler(new Readiness(admin, registry, canary)),
                new MetricsHandler(meters)));
    opened.add(() -> {
      client.close(); // first, so that those who wait are let go with their ids
      letGo(sockets, http, grace);
    });
    return http;
  }

  /** One grace for all: what the sockets leave of it is the other callers'. */
  private static void letGo(StreamSockets sockets, Javalin http, Duration grace) {
    long until = System.nanoTime() + grace.toNanos();
    sockets.close(grace.dividedBy(2));
    HttpServer.stop(http, Duration.ofNanos(until - System.nanoTime()));
  }

  private static ClientSettings clientSettings(IngressSettings settings) {
    return new ClientSettings(
        settings.clientId(),
        settings.deliveryTimeout(),
        Duration.ZERO,
        new ClientSettings.ReplyPartition.ByClientId());
  }

  /** The port it listens on. */
  public int port() {
    return http.port();
  }

  /**
   * Stops within {@link #LONGEST_CLOSE}, two seconds. Callers that wait for an answer get the id
   * under which it will be found. A view that needs longer closes its table later, by itself:
   * whoever opens the same directory again in this process may find it in use until then.
   */
  @Override
  public void close() {
    opened.close();
  }
}
