package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.embedded.simulator.Simulator;
import io.penstock.infra.engine.Closing;
import io.penstock.schemas.avro.Provenance;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections between worker and provider that are slowed, cut and reset by a real TCP proxy: every
 * request ends within its deadline, every call has its cost event, nothing is invented, and
 * afterwards all is as before.
 */
@Tag("soak")
final class FaultyNetworkSoak {
  private static final int REQUESTS = 60;
  private static final int AT_ONCE = 12;
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  /** A deadline is kept to the second, and a loaded machine takes its time to say so. */
  private static final Duration SLACK = Duration.ofSeconds(5);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private int asked;

  @AfterEach
  void stop() {
    closing.close();
  }

  private record Fault(String kind, String attributes, double share) {}

  private static final List<Fault> FAULTS =
      List.of(
          new Fault("latency", "{\"latency\":400,\"jitter\":200}", 1),
          new Fault("bandwidth", "{\"rate\":1}", 1), // KB/s
          new Fault("slicer", "{\"average_size\":7,\"size_variation\":3,\"delay\":500}", 1),
          new Fault("limit_data", "{\"bytes\":900}", 0.5),
          new Fault("reset_peer", "{\"timeout\":30}", 0.5),
          new Fault("timeout", "{\"timeout\":700}", 0.3),
          new Fault("timeout", "{\"timeout\":0}", 0.2)); // silence for ever

  @Test
  void everyRequestEndsInTimeWhateverHappensToItsConnection()
      throws IOException, InterruptedException, ExecutionException {
    var program = FaultProxy.program();
    assumeTrue(
        program.isPresent(), "there is no toxiproxy-server on the path, nor -Dsoak.toxiproxy");
    Simulator simulator = closing.add(Cluster.simulator(Duration.ofMillis(20)));
    var proxy = FaultProxy.start(program.get(), simulator.port(), closing);
    UpProcess up = UpProcess.start(directory, Cluster.calling(proxy.port()), closing);
    try (var asking = new Asking(up.http())) {
      asking.awaitReady();
    }

    assertThat(round("nothing", up).keySet()).isEqualTo(Set.of("200", "200 complete"));
    for (Fault fault : FAULTS) {
      proxy.add(fault.kind, fault.attributes, fault.share);
      round(fault.kind + " " + fault.attributes + " of " + fault.share, up);
      proxy.heal();
    }
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(() ->
            assertThat(round("nothing any more", up).keySet())
                .isEqualTo(Set.of("200", "200 complete")));
    reckon(up, simulator);
  }

  private void reckon(UpProcess up, Simulator simulator) {
    try (var billing = new TopicLog<>(up.kafka(), up.topics().billing())) {
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() ->
              assertThat(Books.of(billing.all()).attempts())
                  .as("every call has its cost event")
                  .isGreaterThanOrEqualTo(SimulatorStats.of(simulator.port()).calls()));
      var books = Books.of(billing.all());
      var stats = SimulatorStats.of(simulator.port());
      BigInteger reported = books.spent(Set.of(Provenance.REPORTED));
      System.out.printf(
          "%d attempts, %d calls; reported %s, charged %s, undelivered %s; estimated %s%n",
          books.attempts(),
          stats.calls(),
          reported,
          stats.cost(),
          stats.undelivered(),
          books.spent(Set.of(Provenance.ESTIMATED, Provenance.REPORTED_PARTIAL)));
      // The simulator calls delivered what it wrote, though the proxy cut it.
      assertThat(reported).as("nothing is invented").isLessThanOrEqualTo(stats.cost());
    }
  }

  private Map<String, Integer> round(String fault, UpProcess up)
      throws InterruptedException, ExecutionException {
    var ends = new TreeMap<String, Integer>();
    Duration slowest = Duration.ZERO;
    try (var streaming = new Streaming(up.http());
        var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      int from = asked;
      asked += REQUESTS;
      List<Future<End>> futures =
          IntStream.range(from, asked)
              .mapToObj(question -> threads.submit(() -> ask(streaming, question)))
              .toList();
      for (Future<End> future : futures) {
        End end = future.get();
        ends.merge(end.said, 1, Integer::sum);
        slowest = Collections.max(List.of(slowest, end.took));
      }
    }
    System.out.printf("%s: %s, slowest %d ms%n", fault, ends, slowest.toMillis());
    assertThat(slowest).as(fault).isLessThan(DEADLINE.plus(SLACK));
    return ends;
  }

  private record End(String said, Duration took) {}

  private static End ask(Streaming streaming, int question) throws IOException {
    boolean stream = question % 2 == 0;
    String body =
        "{\"model\":\"gpt-5-mini\",\"stream\":"
            + stream
            + ",\"messages\":[{\"role\":\"user\",\"content\":\"Who turns wheel number "
            + question
            + "?\"}]}";
    Map<String, String> headers = Map.of("x-penstock-deadline-ms", "" + DEADLINE.toMillis());
    long begun = System.nanoTime();
    String said;
    if (stream) {
      var read = streaming.stream(body, 0, headers);
      said = read.status() + (read.complete() ? " complete" : " broken off");
    } else {
      said = "" + streaming.plain("/v1/chat/completions", body, headers);
    }
    return new End(said, Duration.ofNanos(System.nanoTime() - begun));
  }
}
