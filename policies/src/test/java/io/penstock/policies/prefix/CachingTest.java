package io.penstock.policies.prefix;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.ARequest;
import io.penstock.policies.fingerprint.PrefixChain;
import io.penstock.policies.prefix.Caching.Known;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Breakpoint;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.schemas.avro.TextPart;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A prefix is written where that pays, and nowhere else. */
class CachingTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  /** Sonnet's: a write costs a quarter more than reading afresh, for an hour twice as much. */
  private static final CacheTerms CHARGED =
      new CacheTerms(usd(3_000_000), usd(300_000), usd(3_750_000), usd(6_000_000));

  private static final CacheTerms ONE_LIFETIME =
      new CacheTerms(usd(3_000_000), usd(300_000), usd(3_750_000), null);
  private static final CacheTerms FREE = new CacheTerms(usd(250_000), usd(25_000), null, null);
  private static final CacheProfile MARKED = new CacheProfile(CacheStyle.MARKED, 1024);
  private static final CacheProfile IMPLICIT = new CacheProfile(CacheStyle.IMPLICIT, 1024);
  private static final CacheProfile KEYED = new CacheProfile(CacheStyle.KEYED, 1024);

  private final Map<String, Known> memory = new HashMap<>();

  @Test
  void thePrefixOfAFirstRequestIsNotWritten() {
    assertThat(asked(MARKED, CHARGED, aboutTheManual("a?"), NOON)).isNull();
  }

  @Test
  void aModelThatWritesByItselfAndChargesForItIsToldNotToForAPromptThatNobodySharesYet() {
    assertThat(asked(IMPLICIT, CHARGED, aboutTheManual("a?"), NOON))
        .isEqualTo(new PromptCache(null, List.of(), true));
  }

  @Test
  void theSharedPartIsWrittenOnceASecondRequestHasIt() {
    asked(MARKED, CHARGED, aboutTheManual("a?"), NOON);
    assertThat(asked(MARKED, CHARGED, aboutTheManual("b?"), NOON.plusSeconds(1)))
        .isEqualTo(new PromptCache(null, List.of(new Breakpoint(1, "default")), false));
  }

  @ParameterizedTest
  @CsvSource({"60, true", "360, true", "400, false"})
  void aPrefixIsWrittenWhileTheReadsToExpectSaveMoreThanTheWriteCosts(long seconds, boolean pays) {
    // e^(-360/300) = 0.30 and e^(-400/300) = 0.26 lie on either side of (w - 1) / (1 - r) = 0.28.
    asked(MARKED, ONE_LIFETIME, aboutTheManual("a?"), NOON);
    var second = asked(MARKED, ONE_LIFETIME, aboutTheManual("b?"), NOON.plusSeconds(seconds));
    assertThat(second != null).isEqualTo(pays);
  }

  @Test
  void whatComesBackEveryTenMinutesIsWrittenForAnHour() {
    Instant at = NOON;
    PromptCache cache = NOTHING;
    asked(MARKED, CHARGED, aboutTheManual("a?"), at.minusSeconds(1));
    for (int i = 0; i < 6; i++, at = at.plus(Duration.ofMinutes(10))) {
      cache = told(MARKED, CHARGED, aboutTheManual("question " + i), at);
    }
    assertThat(cache).isEqualTo(new PromptCache(null, List.of(new Breakpoint(1, "1h")), false));
  }

  @Test
  void anHourIsNeverAskedOfAModelThatKnowsOneLifetime() {
    Instant at = NOON;
    PromptCache cache = NOTHING;
    for (int i = 0; i < 6; i++, at = at.plus(Duration.ofMinutes(10))) {
      cache = told(IMPLICIT, CHARGED, aboutTheManual("question " + i), at);
    }
    assertThat(cache.getBreakpoints())
        .allSatisfy(b -> assertThat(b.getLifetime()).isEqualTo("default"));
  }

  @Test
  void whatManyShareAndWhatFewerShareAreBothWritten() {
    for (int i = 0; i < 20; i++) {
      asked(MARKED, ONE_LIFETIME, aboutTheManual("question " + i), NOON.plusSeconds(i));
    }
    asked(
        MARKED,
        ONE_LIFETIME,
        aboutTheManual("a?").then("assistant", "A.").then("user", "b?"),
        NOON.plusSeconds(30));
    var cache =
        told(
            MARKED,
            ONE_LIFETIME,
            aboutTheManual("a?").then("assistant", "A.").then("user", "c?"),
            NOON.plusSeconds(40));
    assertThat(cache.getBreakpoints())
        .containsExactly(new Breakpoint(1, "default"), new Breakpoint(3, "default"));
  }

  @Test
  void whatLivesForAnHourNeverStandsBehindWhatLivesShorter() {
    Instant at = NOON;
    for (int i = 0; i < 30; i++, at = at.plusSeconds(10)) {
      asked(MARKED, CHARGED, aboutTheManual("question " + i), at);
    }
    PromptCache cache = NOTHING;
    for (int i = 0; i < 5; i++, at = at.plus(Duration.ofMinutes(10))) {
      for (int n = 0; n < 30; n++) {
        asked(MARKED, CHARGED, aboutTheManual("burst " + i + n), at);
      }
      cache =
          told(
              MARKED,
              CHARGED,
              aboutTheManual("a?").then("assistant", "A.").then("user", i + "?"),
              at);
    }
    List<String> lifetimes = cache.getBreakpoints().stream().map(Breakpoint::getLifetime).toList();
    assertThat(lifetimes).hasSize(2).isEqualTo(lifetimes.stream().sorted().toList());
  }

  @Test
  void noMoreThanFourPlacesAreMarkedAndTheLongestSharedPrefixIsAmongThem() {
    for (int depth = 1; depth <= 8; depth++) {
      for (int times = 0; times < 1 << (9 - depth); times++) {
        asked(MARKED, ONE_LIFETIME, conversation(depth), NOON);
      }
    }
    var cache = told(MARKED, ONE_LIFETIME, conversation(8), NOON);
    assertThat(cache.getBreakpoints()).hasSize(4).last().isEqualTo(new Breakpoint(8, "default"));
  }

  @Test
  void whoMarksPrefixesThemselvesIsLeftAlone() {
    var marked =
        aRequest()
            .withoutTurns()
            .then(new Message("system", "", null, List.of(new TextPart(MANUAL, "5m"))))
            .then("user", "a?");
    asked(MARKED, CHARGED, marked, NOON);
    assertThat(asked(MARKED, CHARGED, marked, NOON)).isNull();
    var keyed = aboutTheManual("a?").aside("{\"prompt_cache_key\":\"mine\"}");
    assertThat(asked(IMPLICIT, CHARGED, keyed, NOON)).isNull();
  }

  @Test
  void aShortPromptIsNeitherMarkedNorRemembered() {
    assertThat(asked(IMPLICIT, CHARGED, aRequest().asking("short?"), NOON)).isNull();
    assertThat(memory).isEmpty();
  }

  @Test
  void withoutAPriceNothingIsRisked() {
    asked(MARKED, null, aboutTheManual("a?"), NOON);
    assertThat(asked(MARKED, null, aboutTheManual("b?"), NOON)).isNull();
  }

  @Test
  void whereWritesAreFreeTheProviderIsLeftAloneWhileOneOfItsMachinesCanServeAll() {
    for (int i = 0; i < 70; i++) {
      assertThat(asked(KEYED, FREE, aboutTheManual("question " + i), NOON.plusMillis(i))).isNull();
    }
  }

  @Test
  void aBusyPrefixIsSpreadOverSeveralKeys() {
    var keys = new HashMap<String, Integer>();
    for (int i = 0; i < 400; i++) {
      var cache = asked(KEYED, FREE, aboutTheManual("question " + i), NOON.plusMillis(i));
      if (i >= 300) {
        assertThat(Objects.requireNonNull(cache).getBreakpoints()).isEmpty();
        assertThat(cache.getOff()).isFalse();
        keys.merge(cache.getKey(), 1, Integer::sum);
      }
    }
    assertThat(keys.size()).isBetween(4, 12);
  }

  @Test
  void aConversationKeepsItsKeyWhileItGrows() {
    for (int i = 0; i < 350; i++) {
      asked(KEYED, FREE, aboutTheManual("question " + i), NOON);
    }
    var keys = new HashSet<String>();
    var conversation = aboutTheManual("Hello.");
    for (int turn = 0; turn < 8; turn++) {
      keys.add(told(KEYED, FREE, conversation, NOON).getKey());
      conversation.then("assistant", "Go on.").then("user", "turn " + turn);
    }
    assertThat(keys).hasSize(1).allSatisfy(key -> assertThat(key).hasSizeLessThanOrEqualTo(64));
  }

  /** A provider that reads only up to a mark at which it has written before. */
  @Test
  void whereOnlyMarkedPrefixesAreReadAConversationReadsWhatItWrote() {
    Set<String> written = new HashSet<>();
    var conversation = aboutTheManual("Hello.");
    double paid = 0;
    double never = 0;
    for (int turn = 0; turn < 12; turn++) {
      var request = conversation.build();
      PromptCache cache = told(IMPLICIT, ONE_LIFETIME, conversation, NOON.plusSeconds(turn));
      assertThat(cache.getBreakpoints()).hasSizeLessThanOrEqualTo(4);
      long read = 0;
      long upTo = 0;
      long all = 0;
      for (PrefixChain.Link link : PrefixChain.of(request)) {
        all = link.length();
        if (cache.getBreakpoints().stream().anyMatch(b -> b.getMessages() == link.messages())) {
          upTo = link.length();
          read = written.add(link.hash()) ? read : link.length();
        }
      }
      paid += 0.1 * read + 1.25 * (upTo - read) + (all - upTo);
      never += all;
      conversation.then("assistant", "Long answer. ".repeat(40)).then("user", "turn " + turn);
    }
    assertThat(paid / never).isLessThan(0.4);
  }

  @Test
  void keysAndMarksGoTogetherWhereWritesAreCharged() {
    asked(IMPLICIT, ONE_LIFETIME, aboutTheManual("a?"), NOON);
    var b = told(IMPLICIT, ONE_LIFETIME, aboutTheManual("b?"), NOON.plusSeconds(1));
    var c = told(IMPLICIT, ONE_LIFETIME, aboutTheManual("c?"), NOON.plusSeconds(2));
    assertThat(b.getKey()).startsWith("penstock-").isEqualTo(c.getKey());
    assertThat(b.getBreakpoints()).containsExactly(new Breakpoint(1, "default"));
  }

  @Test
  void aKeyTellsNothingOfOtherTenantsThoughTheyAskTheSame() {
    var keys = new HashSet<String>();
    for (String tenant : List.of("one", "two")) {
      asked(IMPLICIT, ONE_LIFETIME, aboutTheManual("a?").forTenant(tenant), NOON);
      keys.add(told(IMPLICIT, ONE_LIFETIME, aboutTheManual("b?").forTenant(tenant), NOON).getKey());
    }
    assertThat(keys).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"界, 1100, true", "a, 1100, true", "a, 900, false"})
  void whatMayBeLongEnoughToBeWrittenIsNotWrittenUnasked(String letter, int times, boolean told) {
    var cache = asked(IMPLICIT, CHARGED, aRequest().asking(letter.repeat(times)), NOON);
    assertThat(cache).isEqualTo(told ? new PromptCache(null, List.of(), true) : null);
  }

  @Test
  void anImageMayBeLong() {
    var picture =
        aRequest()
            .withoutTurns()
            .then(
                new Message(
                    "user", "", null, List.of(new ImagePart("https://x/y.png", null, null))));
    assertThat(told(IMPLICIT, CHARGED, picture, NOON).getOff()).isTrue();
  }

  @Test
  void whoWantsAnswersOfAnotherFormHasAnotherPrefix() {
    asked(MARKED, CHARGED, aboutTheManual("a?"), NOON);
    var other = Options.newBuilder().setReasoningEffort("high").build();
    assertThat(asked(MARKED, CHARGED, aboutTheManual("b?").with(other), NOON)).isNull();
  }

  @Test
  void tenantsShareNoPrefix() {
    asked(MARKED, CHARGED, aboutTheManual("a?").forTenant("one"), NOON);
    assertThat(asked(MARKED, CHARGED, aboutTheManual("b?").forTenant("two"), NOON)).isNull();
  }

  /**
   * Requests at random times over prefixes some of which many share: what is paid for the prefix
   * with these marks, beside never caching and beside always.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 30, 1000})
  void marksNeverCostMoreThanNotCachingBeyondTheFirstMistakes(int prefixes) {
    var random = new Random(prefixes);
    var written = new HashMap<Integer, Instant>();
    Instant at = NOON;
    double paid = 0;
    double never = 0;
    for (int i = 0; i < 2000; i++) {
      at = at.plusMillis((long) (-Math.log(1 - random.nextDouble()) * 10_000));
      int prefix = (int) (prefixes * Math.pow(random.nextDouble(), 2));
      var request =
          aRequest().withoutTurns().then("system", MANUAL + prefix).then("user", "question " + i);
      PromptCache cache = asked(MARKED, ONE_LIFETIME, request, at);
      Instant until = written.get(prefix);
      boolean warm = until != null && at.isBefore(until);
      boolean writes = cache != null && !cache.getBreakpoints().isEmpty();
      paid += warm && writes ? 0.1 : writes ? 1.25 : 1;
      never += 1;
      if (writes) {
        written.put(prefix, at.plus(Duration.ofMinutes(5)));
      }
    }
    assertThat(paid / never).isLessThan(prefixes <= 30 ? 0.55 : 1.02);
  }

  private static final PromptCache NOTHING = new PromptCache(null, List.of(), false);
  private static final String MANUAL = "The manual of the penstock. ".repeat(200);

  private static ARequest aboutTheManual(String question) {
    return aRequest().withoutTurns().then("system", MANUAL).then("user", question);
  }

  private static ARequest conversation(int turns) {
    var request = aRequest().withoutTurns().then("system", MANUAL);
    for (int i = 1; i < turns; i++) {
      request.then("user", "turn " + i);
    }
    return request;
  }

  private PromptCache told(CacheProfile profile, CacheTerms terms, ARequest request, Instant now) {
    return Objects.requireNonNull(asked(profile, terms, request, now), "left to itself");
  }

  private @Nullable PromptCache asked(
      CacheProfile profile, @Nullable CacheTerms terms, ARequest request, Instant now) {
    InferenceRequest built = request.build();
    var decision = Caching.decide(built, profile, Optional.ofNullable(terms), memory::get, now);
    memory.putAll(decision.learnt());
    return decision.cache();
  }

  private static Money usd(long picoPerToken) {
    return new Money(picoPerToken);
  }
}
