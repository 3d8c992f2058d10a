package io.penstock.policies.batch;

import static io.penstock.policies.batch.Release.Cause.ALONE;
import static io.penstock.policies.batch.Release.Cause.FULL;
import static io.penstock.policies.batch.Release.Cause.LEADS;
import static io.penstock.policies.batch.Release.Cause.NOT_WORTH_IT;
import static io.penstock.policies.batch.Release.Cause.PRESSED;
import static io.penstock.policies.batch.Release.Cause.READS;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.fingerprint.PrefixChain.Link;
import io.penstock.policies.prefix.CacheProfile;
import io.penstock.policies.prefix.CacheStyle;
import io.penstock.policies.prefix.CacheTerms;
import io.penstock.policies.prefix.Prompt;
import io.penstock.policies.prefix.PromptCaching.Offer;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Breakpoint;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PromptCache;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One goes first, and the others read what it wrote. */
class PrefixWindowTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration GATHER = Duration.ofMillis(5);
  private static final Duration HOLD = Duration.ofMillis(200);
  private static final PromptCache MARK =
      new PromptCache(null, List.of(new Breakpoint(1, "default")), false);

  /** 2,000 tokens, as they are guessed. */
  private static final long LONG = 8_000;

  /** Sonnet's: a follower of 2,000 tokens saves 0.0069 dollars. */
  private static final Offer MARKED =
      new Offer(
          "anthropic/sonnet/",
          new CacheProfile(CacheStyle.MARKED, 1024),
          new CacheTerms(new Money(3_000_000), new Money(300_000), new Money(3_750_000), null));

  private static final Offer FREE =
      new Offer(
          "openai/mini/",
          new CacheProfile(CacheStyle.KEYED, 1024),
          new CacheTerms(new Money(250_000), new Money(25_000), null, null));

  private static final Offer IMPLICIT =
      new Offer("openai/luna/", new CacheProfile(CacheStyle.IMPLICIT, 1024), MARKED.terms());

  private final PrefixMemory memory = new PrefixMemory();
  private Instant now = NOON;
  private PrefixWindow window = window(MARKED, WindowRules.DEFAULT);
  private Offer offer = MARKED;
  private int count;

  private PrefixWindow window(Offer offered, WindowRules rules) {
    offer = offered;
    return new PrefixWindow(rules, memory, offered);
  }

  // ---- the burst

  @Test
  void ofABurstOneLeadsAndTheOthersReadOnceItsAnswerBegins() {
    List<Release> first = new ArrayList<>();
    IntStream.range(0, 64).forEach(i -> first.addAll(ask(Lane.STANDARD)));
    assertThat(first).containsExactly(new Release("d1", MARK, true, LEADS));

    pass(Duration.ofMillis(120));
    assertThat(window.look(now)).isEmpty();
    window.begun("d1", now);
    List<Release> others = window.look(now);
    assertThat(others)
        .hasSize(63)
        .allSatisfy(release -> {
          assertThat(release.cause()).isEqualTo(READS);
          assertThat(release.cache()).as("who marks nothing reads nothing").isEqualTo(MARK);
          assertThat(release.leads()).isFalse();
        });
    assertThat(window.idle(now)).isTrue();
  }

  @Test
  void whereWritesAreFreeTheFirstLeadsAtOnce() {
    window = window(FREE, WindowRules.DEFAULT);
    assertThat(ask(Lane.STANDARD)).containsExactly(new Release("d1", null, true, LEADS));
    assertThat(ask(Lane.STANDARD)).isEmpty();
    window.begun("d1", now);
    assertThat(window.look(now)).containsExactly(new Release("d2", null, false, READS));
  }

  @Test
  void whoWaitedForASecondThatNeverCameGoesUnmarked() {
    assertThat(ask(Lane.STANDARD)).isEmpty();
    assertThat(window.nextLook()).contains(NOON.plus(GATHER));
    pass(GATHER);
    assertThat(window.look(now)).containsExactly(new Release("d1", null, false, ALONE));
    assertThat(window.idle(now)).isTrue();
  }

  @Test
  void aSecondIsWaitedForFromWhenTheWindowHearsOfTheFirst() {
    Waiter first = waiter("first", Lane.STANDARD, now.plusSeconds(60));
    pass(GATHER.multipliedBy(4)); // The window was behind.
    window.arrive(
        new Waiter(
            "first",
            Lane.STANDARD,
            first.prompt(),
            first.links(),
            first.since(),
            now,
            first.deadlineAt()),
        offer);
    assertThat(window.look(now)).isEmpty();
    assertThat(ask(Lane.STANDARD)).containsExactly(new Release("first", MARK, true, LEADS));
  }

  @Test
  void whoWasAloneTeachesThatThePrefixIsShared() {
    ask(Lane.STANDARD);
    pass(GATHER);
    window.look(now);
    pass(Duration.ofSeconds(10));
    assertThat(ask(Lane.STANDARD)).containsExactly(new Release("d2", MARK, true, LEADS));
  }

  // ---- for how long

  @Test
  void nobodyWaitsLongerThanItsLaneAllowsAndWhoGoesBesideALeaderWritesNothing() {
    ask(Lane.STANDARD);
    ask(Lane.STANDARD);
    pass(HOLD.minusMillis(1));
    assertThat(window.look(now)).isEmpty();
    pass(Duration.ofMillis(1));
    assertThat(window.look(now)).containsExactly(new Release("d2", null, false, PRESSED));
  }

  @Test
  void whoGoesBesideALeaderThatWritesByItselfIsToldNotTo() {
    window = window(IMPLICIT, WindowRules.DEFAULT);
    ask(Lane.STANDARD);
    ask(Lane.STANDARD);
    pass(HOLD);
    assertThat(window.look(now))
        .containsExactly(new Release("d2", new PromptCache(null, List.of(), true), false, PRESSED));
  }

  @Test
  void aDeadlineThatNearsIsNotWaitedFor() {
    ask(Lane.BATCH);
    ask(Lane.BATCH);
    Duration margin = WindowRules.DEFAULT.margin();
    window.arrive(waiter("hurried", Lane.BATCH, now.plus(margin).plusMillis(100)), offer);
    assertThat(window.look(now)).isEmpty();
    pass(Duration.ofMillis(100));
    assertThat(window.look(now)).extracting(Release::dispatchId).containsExactly("hurried");
  }

  @ParameterizedTest
  @CsvSource({
    "STANDARD, 1999, true", // 0.0002 dollars at a ten-thousandth a second are worth two seconds.
    "STANDARD, 2001, false",
    "BATCH, 2001, true",
    "BATCH, 2000001, false",
  })
  void aWaitMustBeWorthWhatItSaves(Lane lane, long firstTokenMillis, boolean waits) {
    var terms = new CacheTerms(new Money(200_000), new Money(100_000), null, null);
    window = window(new Offer("o/m/", FREE.profile(), terms), WindowRules.DEFAULT);
    memory.began("o/m/", Duration.ofMillis(firstTokenMillis));
    ask(lane);
    if (waits) {
      assertThat(ask(lane)).isEmpty();
    } else {
      assertThat(ask(lane)).containsExactly(new Release("d2", null, false, NOT_WORTH_IT));
    }
  }

  @Test
  void beyondSoManyTheOldestGoes() {
    var rules = WindowRules.DEFAULT;
    window =
        window(
            MARKED,
            new WindowRules(
                rules.waitFor(), 2, rules.leaderPatience(), rules.margin(), rules.firstToken()));
    ask(Lane.STANDARD); // and leads with the second
    ask(Lane.STANDARD);
    ask(Lane.STANDARD);
    assertThat(ask(Lane.STANDARD)).containsExactly(new Release("d2", null, false, FULL));
    assertThat(window.waiting()).isEqualTo(2);
  }

  // ---- when the leader fails

  @Test
  void whenTheLeaderFailsTheNextLeads() {
    ask(Lane.STANDARD);
    ask(Lane.STANDARD);
    ask(Lane.STANDARD);
    window.over("d1", false, now);
    assertThat(window.look(now)).containsExactly(new Release("d2", MARK, true, LEADS));
    window.begun("d2", now);
    assertThat(window.look(now)).extracting(Release::cause).containsExactly(READS);
  }

  @Test
  void anAnswerThatWasNotHeardToBeginHasBegunWhenItEnds() {
    ask(Lane.STANDARD);
    ask(Lane.STANDARD);
    window.over("d1", true, now);
    assertThat(window.look(now)).extracting(Release::cause).containsExactly(READS);
  }

  @Test
  void aLeaderOfWhomNothingIsHeardIsNotWaitedForForEver() {
    ask(Lane.BATCH);
    ask(Lane.BATCH);
    pass(WindowRules.DEFAULT.leaderPatience());
    assertThat(ask(Lane.BATCH)).extracting(Release::dispatchId).contains("d2");
  }

  @Test
  void whoIsWithdrawnWaitsNoMore() {
    ask(Lane.STANDARD);
    ask(Lane.STANDARD);
    window.over("d2", false, now);
    assertThat(window.waiting()).isZero();
    window.begun("d1", now);
    assertThat(window.look(now)).isEmpty();
  }

  // ---- warm

  @Test
  void aWarmPrefixIsReadAtOnceUntilItMayBeForgotten() {
    ask(Lane.STANDARD);
    ask(Lane.STANDARD);
    window.begun("d1", now);
    window.look(now);
    pass(Duration.ofMinutes(4)); // Each read keeps it for longer.
    assertThat(ask(Lane.STANDARD)).extracting(Release::cause).containsExactly(READS);
    pass(Duration.ofMinutes(4));
    assertThat(ask(Lane.STANDARD)).extracting(Release::cause).containsExactly(READS);
    pass(Duration.ofMinutes(5));
    assertThat(ask(Lane.STANDARD)).extracting(Release::cause).containsExactly(LEADS);
  }

  @Test
  void aLongerPrefixThatIsNewHasALeaderOfItsOwn() {
    window = window(FREE, WindowRules.DEFAULT);
    ask(Lane.STANDARD);
    window.begun("d1", now);
    window.arrive(longer("a"), offer);
    assertThat(window.look(now)).containsExactly(new Release("a", null, true, READS));
    window.arrive(longer("b"), offer);
    assertThat(window.look(now)).as("it waits for the longer one").isEmpty();
    assertThat(ask(Lane.STANDARD)).extracting(Release::cause).containsExactly(READS);
    window.begun("a", now);
    assertThat(window.look(now)).extracting(Release::dispatchId).containsExactly("b");
  }

  @Test
  void whoSaysItselfWhatToCacheIsTakenAtItsWord() {
    window.arrive(marking("a"), offer);
    assertThat(window.look(now)).containsExactly(new Release("a", null, true, LEADS));
    window.arrive(marking("b"), offer);
    assertThat(window.look(now)).isEmpty();
    window.begun("a", now);
    assertThat(window.look(now)).containsExactly(new Release("b", null, false, READS));
  }

  @Test
  void whatWasAskedForLongestAgoIsForgottenFirst() {
    var small = new PrefixMemory(2);
    for (String hash : List.of("a", "b", "a", "c")) {
      small.askedFor("o/", List.of(new Link(hash, 1, LONG)), now);
    }
    assertThat(small.size()).isEqualTo(2);
    assertThat(small.known("o/", "a").usual()).isNotNull();
    assertThat(small.known("o/", "b").usual()).isNull();
  }

  // ---- who comes

  private List<Release> ask(Lane lane) {
    window.arrive(waiter("d" + ++count, lane, now.plusSeconds(3_600)), offer);
    return window.look(now);
  }

  private Waiter waiter(String id, Lane lane, Instant deadlineAt) {
    return waiter(id, lane, deadlineAt, false, new Link("shared", 1, LONG));
  }

  private Waiter longer(String id) {
    return waiter(
        id,
        Lane.STANDARD,
        now.plusSeconds(60),
        false,
        new Link("shared", 1, LONG),
        new Link("longer", 2, 2 * LONG));
  }

  private Waiter marking(String id) {
    return waiter(id, Lane.STANDARD, now.plusSeconds(60), true, new Link("shared", 1, LONG));
  }

  private Waiter waiter(
      String id, Lane lane, Instant deadlineAt, boolean ownMarks, Link... shared) {
    var chain = new ArrayList<>(List.of(shared));
    chain.add(new Link("all of " + id, shared.length + 1, shared[shared.length - 1].length() + 8));
    var prompt = new Prompt(chain, shared.length + 1, 2, true, ownMarks);
    return Waiter.of(id, lane, prompt, offer, now, now, deadlineAt);
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }
}
