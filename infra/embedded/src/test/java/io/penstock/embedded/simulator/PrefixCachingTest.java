package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.message;
import static io.penstock.embedded.simulator.TestingSimulator.prose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PrefixCachingTest {
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final Prices PRICES = Prices.read(TestingSimulator.prices());

  private final PrefixCaching caching = new PrefixCaching(1_000, TTL);
  private Instant now = Instant.parse("2026-11-24T00:00:00Z");

  @Test
  void aPromptBelowTheShortestIsNeverCached() throws WrongRequestException {
    answered(openai(chat("gpt-test", prose(1_019))));

    assertThat(answered(openai(chat("gpt-test", prose(1_019)))).reads()).isZero();
  }

  @Test
  void aRepeatedPromptIsReadInSteps() throws WrongRequestException {
    PrefixUse first = answered(openai(chat("gpt-test", prose(2_000))));
    PrefixUse second = answered(openai(chat("gpt-test", prose(2_000))));

    assertThat(first.reads()).isZero();
    assertThat(second.reads()).isEqualTo(15 * 128);
  }

  @Test
  void onlyTheSharedBeginningIsRead() throws WrongRequestException {
    answered(openai(chat("gpt-test", prose(1_400) + "why?")));

    assertThat(answered(openai(chat("gpt-test", prose(1_400) + "how? " + prose(900)))).reads())
        .isEqualTo(10 * 128);
  }

  @Test
  void anotherBeginningIsNotRead() throws WrongRequestException {
    answered(openai(chat("gpt-test", prose(2_000))));

    assertThat(answered(openai(chat("gpt-test", "dim " + prose(2_000)))).reads()).isZero();
  }

  @Test
  void modelsDoNotShare() throws WrongRequestException {
    answered(openai(chat("gpt-test", prose(2_000))));

    assertThat(answered(openai(chat("bare", prose(2_000)))).reads()).isZero();
  }

  @Test
  void writesAreCountedOnlyWhereTheyCost() throws WrongRequestException {
    assertThat(answered(openai(chat("gpt-test", prose(2_000)))).writes()).isZero();
    assertThat(answered(openai(chat("gpt-long", prose(2_000)))).writes()).isEqualTo(1_920);
    assertThat(answered(openai(chat("gpt-long", prose(2_200)))))
        .returns(1_920, PrefixUse::reads)
        .returns(256, PrefixUse::writes);
  }

  @Test
  void aPromptThatAsksForNoCachingPaysForNone() throws WrongRequestException {
    ObjectNode body = chat("gpt-long", prose(2_000));
    body.putObject("prompt_cache_options").put("mode", "explicit");

    assertThat(answered(openai(body))).isEqualTo(PrefixUse.NONE);
    assertThat(answered(openai(body))).isEqualTo(PrefixUse.NONE);
  }

  @Test
  void aModelThatIsToldToHeedMarksWritesAndReadsUpToThemAlone() throws WrongRequestException {
    PrefixUse first = answered(openai(marked("a?")));
    PrefixUse second = answered(openai(marked("b?")));

    assertThat(first.reads()).isZero();
    assertThat(first.writes()).isGreaterThanOrEqualTo(2_000);
    assertThat(second.reads()).isEqualTo(first.writes());
    assertThat(second.writes()).isZero();
  }

  private static ObjectNode marked(String question) {
    ObjectNode body = chat("gpt-long", question);
    body.putObject("prompt_cache_options").put("mode", "explicit");
    ObjectNode part =
        ((ArrayNode) body.get("messages"))
            .insertObject(0)
            .put("role", "system")
            .putArray("content")
            .addObject()
            .put("type", "text")
            .put("text", prose(2_000));
    part.putObject("prompt_cache_breakpoint").put("mode", "explicit");
    return body;
  }

  @Test
  void whatIsWrittenIsReadableOnlyOnceTheAnswerHasBegun() throws WrongRequestException {
    Ask ask = openai(chat("gpt-long", prose(2_000)));

    PrefixUse first = caching.use(ask, now);
    PrefixUse besideIt = caching.use(ask, now);
    caching.begun(ask, first, now);

    assertThat(besideIt.writes()).isEqualTo(first.writes()).isPositive();
    assertThat(caching.use(ask, now).reads()).isEqualTo(first.writes());
  }

  @Test
  void anUnusedPrefixIsForgottenAndAUsedOneIsNot() throws WrongRequestException {
    Ask ask = openai(chat("gpt-test", prose(2_000)));
    answered(ask);

    now = now.plus(TTL).minusSeconds(1);
    assertThat(answered(ask).reads()).isPositive();
    now = now.plus(TTL).minusSeconds(1);
    assertThat(answered(ask).reads()).isPositive();
    now = now.plus(TTL);
    assertThat(answered(ask).reads()).isZero();
  }

  @Test
  void aMessageIsCachedOnlyWhereItIsMarked() throws WrongRequestException {
    Ask unmarked = anthropic(message("claude-test", prose(2_000)));

    assertThat(answered(unmarked)).isEqualTo(PrefixUse.NONE);
    assertThat(answered(unmarked)).isEqualTo(PrefixUse.NONE);
  }

  @Test
  void marksSplitAMessageIntoHourAndMinutesAndTheRest() throws WrongRequestException {
    Ask ask = anthropic(twiceMarked("question"));

    assertThat(answered(ask))
        .returns(0, PrefixUse::reads)
        .returns(4 + 1_500, PrefixUse::writesLong)
        .returns(4 + 600, PrefixUse::writes);
    assertThat(answered(ask))
        .returns(4 + 1_500 + 4 + 600, PrefixUse::reads)
        .returns(0, PrefixUse::writesLong)
        .returns(0, PrefixUse::writes);
  }

  @Test
  void theHourOutlivesTheMinutes() throws WrongRequestException {
    answered(anthropic(twiceMarked("question")));
    now = now.plusSeconds(600);

    assertThat(answered(anthropic(twiceMarked("question"))))
        .returns(1_504, PrefixUse::reads)
        .returns(604, PrefixUse::writes);
  }

  @Test
  void aMarkFindsAnEarlierPrefixTwentyBlocksBack() throws WrongRequestException {
    int written = answered(anthropic(conversation(2))).writes();

    assertThat(answered(anthropic(conversation(2 + 20))).reads()).isEqualTo(written).isPositive();
  }

  @Test
  void aMarkDoesNotFindAPrefixFurtherBack() throws WrongRequestException {
    answered(anthropic(conversation(2)));

    assertThat(answered(anthropic(conversation(2 + 21))).reads()).isZero();
  }

  @Test
  void aMarkForTheWholeRequestStandsAtItsEnd() throws WrongRequestException {
    ObjectNode body = message("claude-test", prose(2_000));
    body.putObject("cache_control").put("type", "ephemeral");

    assertThat(answered(anthropic(body)).writes()).isEqualTo(2_004);
    assertThat(answered(anthropic(body)).reads()).isEqualTo(2_004);
  }

  @Test
  void movingAMarkDoesNotChangeThePrefix() throws WrongRequestException {
    ObjectNode first = message("claude-test", "hi");
    ObjectNode tool = first.putArray("tools").addObject().put("name", prose(1_100));
    tool.putObject("cache_control").put("type", "ephemeral");
    ObjectNode second = first.deepCopy();
    second.withArray("tools").forEach(node -> ((ObjectNode) node).remove("cache_control"));
    second.putObject("cache_control").put("type", "ephemeral");
    int written = answered(anthropic(first)).writes();

    assertThat(answered(anthropic(second)).reads()).isEqualTo(written).isPositive();
  }

  @Test
  void aFullCacheForgetsTheLeastRecentlyUsed() throws WrongRequestException {
    var small = new PrefixCaching(20, TTL);
    Ask old = openai(chat("gpt-test", "old " + prose(2_000)));
    Ask young = openai(chat("gpt-test", "new " + prose(2_000)));
    small.begun(old, small.use(old, now), now);
    small.begun(young, small.use(young, now), now);

    assertThat(small.use(young, now).reads()).isEqualTo(1_920);
    // Eight prefixes are 1,024 to 1,920 tokens; twenty entries hold both chains.
    assertThat(small.use(old, now).reads()).isEqualTo(1_920);
    Ask third = openai(chat("gpt-test", "3rd " + prose(2_000)));
    small.begun(third, small.use(third, now), now);
    assertThat(small.use(old, now).reads()).isEqualTo(1_920);
    assertThat(small.use(young, now).reads()).isLessThan(1_920);
  }

  private PrefixUse answered(Ask ask) {
    PrefixUse use = caching.use(ask, now);
    caching.begun(ask, use, now);
    return use;
  }

  private static ObjectNode twiceMarked(String question) {
    ObjectNode body = message("claude-test", "");
    block(body.putArray("system"), prose(1_500)).put("ttl", "1h");
    ArrayNode content = ((ObjectNode) body.at("/messages/0")).putArray("content");
    block(content, prose(600));
    content.addObject().put("type", "text").put("text", question);
    return body;
  }

  /** Turns of short texts after a long one; the last is marked. */
  private static ObjectNode conversation(int turns) {
    ObjectNode body = message("claude-test", prose(1_500));
    ArrayNode messages = body.withArray("messages");
    for (int turn = 1; turn < turns; turn++) {
      messages.addObject().put("role", "user").put("content", "turn " + turn);
    }
    body.putObject("cache_control").put("type", "ephemeral");
    return body;
  }

  private static ObjectNode block(ArrayNode blocks, String text) {
    return blocks
        .addObject()
        .put("type", "text")
        .put("text", text)
        .putObject("cache_control")
        .put("type", "ephemeral");
  }

  private Ask openai(ObjectNode body) throws WrongRequestException {
    return read(new OpenAiDialect(), body);
  }

  private Ask anthropic(ObjectNode body) throws WrongRequestException {
    return read(new AnthropicDialect(), body);
  }

  private Ask read(Dialect dialect, ObjectNode json) throws WrongRequestException {
    CallBody body = CallBody.parse(json.toString().getBytes(StandardCharsets.UTF_8));
    return dialect.read(body, body.model(PRICES, now), header -> Optional.of("2023-06-01"));
  }
}
