package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.embedded.simulator.Latency;
import io.penstock.embedded.simulator.Simulator;
import io.penstock.embedded.simulator.SimulatorSettings;
import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.calling.Retrying;
import io.penstock.policies.calling.Timing;
import io.penstock.policies.calling.Walking;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.cost.OutputMean;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.limit.LimitRules;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.workers.provider.ApiKey;
import io.penstock.workers.provider.ProviderSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A worker and a provider that counts by itself: what one reports is what the other billed. */
@ExtendWith(OneSite.class)
class SimulatorTest {
  private static final int DISPATCHES = 40;
  private static final Simulator SIMULATOR =
      Simulator.start(
          SimulatorSettings.defaults().withLatency(Latency.NONE), PriceCatalogue.bundledFile());
  private static final URI BASE = URI.create("http://127.0.0.1:" + SIMULATOR.port());

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Plant.Site site;

  SimulatorTest(Plant.Site site) {
    this.site = site;
  }

  @AfterAll
  static void stop() {
    HTTP.close();
    SIMULATOR.close();
  }

  @ParameterizedTest
  @CsvSource({"openai, gpt-4o-mini", "anthropic, claude-haiku-4-5"})
  void whatAWorkerReportsIsWhatTheProviderBilled(String provider, String model) throws Exception {
    admin("/admin/reset", "{}");
    admin(
        "/admin/faults",
        """
        {"rate": 0.4, "kinds": ["429", "529", "500", "timeout", "truncated", "garbage"],
         "seed": 7, "retry_after_ms": 20, "timeout_ms": 30000}
        """);
    try (var plant = Plant.on(site, (request, self) -> Plant.answer("unused"))) {
      plant.worker(impatient(), settings(provider));
      for (int i = 0; i < DISPATCHES; i++) {
        plant.send(Plant.aDispatch(Instant.now().plusSeconds(60), new Candidate(provider, model)));
      }
      await().until(() -> finals(plant).size() == DISPATCHES);

      List<AttemptEnded> ends = plant.ended().toList();
      assertThat(finals(plant)).allMatch(ended -> ended.getOutcome() instanceof Answer);
      assertThat(ends).as("some calls failed").hasSizeGreaterThan(DISPATCHES);
      assertThat(plant.started()).hasSameSizeAs(ends);

      List<CostEvent> events = costs(ends);
      // A caller that hung up is noticed a little later.
      await()
          .untilAsserted(() -> {
            JsonNode stats = stats();
            assertThat(stats.path("calls").asInt())
                .as("calls, of which failed: %s", failures(ends))
                .isEqualTo(ends.size());
            assertThat(stats.path("by_model").path(model).path("failures").asInt())
                .isEqualTo(ends.size() - DISPATCHES);
            assertThat(spent(events, Provenance.REPORTED))
                .isEqualTo(Money.parse(stats.path("cost_usd").asText()));
            assertThat(Money.parse(stats.path("undelivered_cost_usd").asText()))
                .isGreaterThan(Money.ZERO);
          });
      assertThat(events.stream().map(CostEvent::getProvenance))
          .contains(Provenance.REPORTED, Provenance.ESTIMATED, Provenance.UNBILLED);
    }
  }

  private static List<AttemptEnded> finals(Plant plant) {
    return plant.ended().filter(ended -> ended.getRetryAfterMs() == null).toList();
  }

  private static List<String> failures(List<AttemptEnded> ends) {
    return ends.stream()
        .map(AttemptEnded::getOutcome)
        .filter(Failure.class::isInstance)
        .map(outcome -> ((Failure) outcome).getCode())
        .sorted()
        .toList();
  }

  private static List<CostEvent> costs(List<AttemptEnded> ends) {
    var costing = new Costing(PriceCatalogue.bundled());
    var events = new ArrayList<CostEvent>();
    ends.forEach(ended -> events.add(costing.spent(ended, OutputMean.UNKNOWN)));
    return events;
  }

  private static Money spent(List<CostEvent> events, Provenance provenance) {
    return events.stream()
        .filter(event -> event.getProvenance() == provenance)
        .map(event -> new Money(event.getSpentPicoUsd()))
        .reduce(Money.ZERO, Money::plus);
  }

  /** Tries again quickly and often, and gives a silent provider four seconds. */
  private static WorkerSettings impatient() {
    var retrying =
        new Retrying(12, Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofSeconds(1));
    var timing =
        new Timing(
            Duration.ofSeconds(10),
            Duration.ofSeconds(4),
            Timing.DEFAULT.startPatience(),
            Timing.DEFAULT.leases());
    // Every call is to be made: of those that are not there is no bill.
    var never =
        new BreakerRules(
            1000,
            1000,
            100,
            BreakerRules.DEFAULT.open(),
            BreakerRules.DEFAULT.trials(),
            BreakerRules.DEFAULT.trips(),
            BreakerRules.DEFAULT.trippedOpen(),
            BreakerRules.DEFAULT.trialPause(),
            BreakerRules.DEFAULT.patience());
    return new WorkerSettings(
        "w", 64, Set.of(Lane.EXPRESS), new Walking(retrying), timing, never, LimitRules.DEFAULT);
  }

  private static ProviderSettings settings(String provider) {
    var key = new ApiKey("sk-simulator");
    return provider.equals("anthropic")
        ? ProviderSettings.anthropic(provider, BASE.toString(), key)
        : ProviderSettings.openAi(provider, BASE.resolve("/v1").toString(), key);
  }

  private void admin(String path, String body) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(BASE.resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    assertThat(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isBetween(200, 299);
  }

  private JsonNode stats() throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(BASE.resolve("/admin/stats")).build();
    return new ObjectMapper()
        .readTree(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
}
