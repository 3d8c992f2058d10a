package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.coalesce.Rules;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.avro.Breakpoint;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PromptCache;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What dispatches say of prefix caches: what was learnt from the dispatches before them. */
final class PromptCacheTest {
  private static final String MARKED = "claude-sonnet-4-5";
  private static final String CHARGED = "gpt-5.6-luna";
  private static final String MANUAL = "The manual of the penstock. ".repeat(300);

  private TestingTopology topology = new TestingTopology(laws());

  @AfterEach
  void close() {
    topology.close();
  }

  private static Laws laws() {
    var models = new ModelDirectory(Map.of(MARKED, "anthropic", CHARGED, "openai"), MARKED);
    return new Laws(
        new Admission(Admission.DEFAULT_DEADLINES, models, 1),
        Freshness.DEFAULT,
        new SingleFlight(Rules.DEFAULT),
        new Costing(PriceCatalogue.bundled()));
  }

  @Test
  void theFirstOfAPrefixIsNotMarkedAndThoseAfterItAre() {
    assertThat(told(MARKED, "a?")).isNull();
    for (String question : List.of("b?", "c?", "d?")) {
      topology.pass(Duration.ofSeconds(1));
      assertThat(told(MARKED, question))
          .isEqualTo(new PromptCache(null, List.of(new Breakpoint(1, "default")), false));
    }
  }

  @Test
  void whatComesOnceIsNeverMarkedAndNotWrittenWhereWritesAreCharged() {
    for (int i = 0; i < 20; i++) {
      String once = MANUAL.replace("manual", "manual " + i);
      assertThat(told(aRequest("?").behind(once).ofModel(MARKED))).isNull();
      assertThat(told(aRequest("?").behind(once).ofModel(CHARGED)))
          .isEqualTo(new PromptCache(null, List.of(), true));
    }
  }

  @Test
  void aPrefixIsForgottenWithTheCacheThatHadIt() {
    told(MARKED, "a?");
    topology.pass(Duration.ofHours(3));
    assertThat(told(MARKED, "b?")).isNull();
  }

  @Test
  void tenantsLearnNothingOfEachOther() {
    Set<String> keys = new HashSet<>();
    for (String tenant : List.of("one", "two", "three")) {
      assertThat(told(asking("a?").ofModel(MARKED).forTenant(tenant))).isNull();
      told(asking("a?").ofModel(CHARGED).forTenant(tenant));
      PromptCache cache = told(asking("b?").ofModel(CHARGED).forTenant(tenant));
      assertThat(cache).isNotNull();
      keys.add(cache.getKey());
    }
    assertThat(keys).hasSize(3);
  }

  @Test
  void whoAnswersFromOurCacheTeachesNothing() {
    told(MARKED, "a?");
    topology.ask(Lane.EXPRESS, asking("a?").ofModel(MARKED).build()); // follows
    topology.pass(Duration.ofMinutes(8)); // Two uses would still be worth a mark now.
    assertThat(told(MARKED, "b?")).isNull();
  }

  @Test
  void aDispatchThatIsRepeatedSaysTheSame() {
    told(MARKED, "a?");
    topology.ask(Lane.EXPRESS, asking("b?").ofModel(MARKED).build());
    Dispatch first = topology.dispatches(Lane.EXPRESS).getFirst();
    topology.start(first);
    topology.pass(TestingTopology.LEASE.plusMillis(200));
    Dispatch again = topology.dispatches(Lane.EXPRESS).getFirst();
    assertThat(again.getFirstAttempt()).isEqualTo(2);
    assertThat(again.getPromptCache()).isNotNull().isEqualTo(first.getPromptCache());
  }

  @Test
  void aFollowerThatTakesOverSaysTheSame() {
    told(MARKED, "a?");
    topology.ask(Lane.EXPRESS, asking("b?").ofModel(MARKED).build());
    topology.ask(Lane.EXPRESS, asking("b?").ofModel(MARKED).withId("follower").build());
    Dispatch first = topology.dispatches(Lane.EXPRESS).getFirst();
    topology.fail(first, topology.start(first), Reason.PROVIDER_ERROR.because("broken"));
    Dispatch second = topology.dispatches(Lane.EXPRESS).getFirst();
    assertThat(second.getRequests().getFirst().getId()).isEqualTo("follower");
    assertThat(second.getPromptCache()).isNotNull().isEqualTo(first.getPromptCache());
  }

  @Test
  void switchedOffNothingIsSaid() {
    topology.close();
    topology = new TestingTopology(laws().leavingPromptCachesAlone());
    for (int i = 0; i < 3; i++) {
      assertThat(told(MARKED, i + "?")).isNull();
      assertThat(told(CHARGED, i + "?")).isNull();
    }
  }

  private @Nullable PromptCache told(String model, String question) {
    return told(asking(question).ofModel(model));
  }

  private @Nullable PromptCache told(Requesting request) {
    topology.ask(Lane.EXPRESS, request.build());
    return topology.dispatches(Lane.EXPRESS).getFirst().getPromptCache();
  }

  private static Requesting asking(String question) {
    return aRequest(question).behind(MANUAL);
  }
}
