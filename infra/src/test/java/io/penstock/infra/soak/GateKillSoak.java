package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.infra.engine.Closing;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of one of two topologies, and so of its pump, while a backlog goes through the
 * gate: each request is answered, and called for once.
 */
@Tag("soak")
final class GateKillSoak {
  private static final int ROUNDS = Integer.getInteger("soak.rounds", 6);
  private static final int BACKLOG = 1_500 * ROUNDS;
  private static final Duration SOON = Duration.ofMinutes(10);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void aBacklogIsLetInOnceWhoeverIsKilled() {
    var cluster = closing.add(new Cluster(directory, Duration.ofMillis(5)));
    List<PenstockProcess> topologies =
        List.of(cluster.topology("topology-1"), cluster.topology("topology-2"));
    cluster.worker("worker");
    var topics = cluster.topics();
    var backlog = closing.add(new Backlog(cluster.kafka(), topics, "kill"));
    await().atMost(SOON).ignoreExceptions().until(() -> backlog.onLane() == 0);
    Set<String> asked = new HashSet<>(backlog.grow(BACKLOG));

    for (int round = 1; round <= ROUNDS; round++) {
      long enough = (long) BACKLOG * round / (ROUNDS + 1);
      await().atMost(SOON).until(() -> backlog.letIn() >= enough);
      PenstockProcess victim = topologies.get(round % 2);
      victim.kill();
      victim.restart();
    }

    var responses = closing.add(new TopicLog<>(cluster.kafka(), topics.responses()));
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> answered(responses).keySet().containsAll(asked));
    System.out.printf(
        "%d requests, %d kills: %d let in, %d answers, %d calls%n",
        BACKLOG, ROUNDS, backlog.letIn(), responses.all().size(), cluster.stats().calls());
    assertThat(answered(responses).values())
        .as("whatever is said twice is the same")
        .allSatisfy(said -> assertThat(said).hasSize(1));
    assertThat(cluster.stats().calls()).as("calls").isEqualTo(BACKLOG);
  }

  private static Map<String, Set<Status>> answered(TopicLog<InferenceResponse> log) {
    return log.all().stream()
        .collect(
            Collectors.groupingBy(
                InferenceResponse::getId,
                Collectors.mapping(InferenceResponse::getStatus, Collectors.toSet())));
  }
}
