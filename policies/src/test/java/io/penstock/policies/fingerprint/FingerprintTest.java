package io.penstock.policies.fingerprint;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.ARequest;
import io.penstock.schemas.Messages;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.Tool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What makes two requests the same, and what does not. */
class FingerprintTest {
  /** Every field of a request, and a change of it: those that can change the answer. */
  private static final Map<String, UnaryOperator<ARequest>> IN =
      Map.of(
          "tenant", request -> request.forTenant("another"),
          "model", request -> request.ofModel("another"),
          "messages", request -> request.asking("What is a headrace?"),
          "maxTokens", request -> request.answeredInAtMost(10),
          "temperature", request -> request.atTemperature(0.5),
          "useCache", request -> request.usingCache(false),
          "endpoint", request -> request.embedding("\"text\""),
          "input", request -> request.embedding("\"text\""),
          "options", request -> request.with(Options.newBuilder().setTopP(0.5).build()));

  /** And those that cannot. */
  private static final Map<String, UnaryOperator<ARequest>> OUT =
      Map.ofEntries(
          Map.entry("id", request -> request.withId("another")),
          Map.entry("acceptedAt", request -> request.acceptedAt(Instant.EPOCH)),
          Map.entry("deadlineAt", request -> request.dueBy(Instant.EPOCH)),
          Map.entry("idempotencyKey", request -> request.underKey("a key")),
          Map.entry("replyPartition", request -> request.repliedTo(3)),
          Map.entry("metadata", request -> request.tagged("team", "turbines")),
          Map.entry("dialect", request -> request.written(Dialect.OPENAI)),
          Map.entry("asides", request -> request.aside("{\"user\":\"u\"}")),
          Map.entry("cache", request -> request.caching(new CacheControl(1L, true, true, true))),
          Map.entry("keyId", request -> request.payingWith("a key")),
          Map.entry("serviceTier", request -> request.atTier("flex")),
          Map.entry("stream", ARequest::streamed));

  static Stream<String> fields() {
    return InferenceRequest.getClassSchema().getFields().stream().map(Schema.Field::name);
  }

  @ParameterizedTest
  @MethodSource("fields")
  void everyFieldIsEitherInOrOut(String field) {
    assertThat(IN.containsKey(field) ^ OUT.containsKey(field))
        .as("decide whether \"%s\" can change the answer", field)
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("fields")
  void aFieldChangesTheFingerprintIfAndOnlyIfItCanChangeTheAnswer(String field) {
    UnaryOperator<ARequest> change =
        Objects.requireNonNull(IN.containsKey(field) ? IN.get(field) : OUT.get(field));
    InferenceRequest changed = change.apply(aRequest()).build();

    assertThat(changed.get(field)).as("the change").isNotEqualTo(aRequest().build().get(field));
    assertThat(Fingerprint.of(changed).equals(Fingerprint.of(aRequest().build())))
        .isEqualTo(OUT.containsKey(field));
  }

  static Stream<Arguments> spellingsOfOneText() {
    return Stream.of(
        Arguments.of("precomposed and combining", "caf\u00e9", "cafe\u0301"),
        Arguments.of("Hangul", "\ud55c", "\u1112\u1161\u11ab"),
        Arguments.of("the Angstrom sign", "\u212b", "\u00c5"),
        Arguments.of("marks in another order", "q\u0307\u0323", "q\u0323\u0307"),
        Arguments.of("Windows line ends", "one\ntwo", "one\r\ntwo"),
        Arguments.of("old Mac line ends", "one\ntwo", "one\rtwo"),
        Arguments.of("mixed line ends", "one\n\ntwo", "one\r\n\rtwo"),
        Arguments.of("a trailing space", "text", "text "),
        Arguments.of("trailing lines", "text", "text\r\n\t \n"),
        Arguments.of("trailing white space beyond ASCII", "text", "text\u2028\u3000"),
        Arguments.of("nothing but white space", "", " \n"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("spellingsOfOneText")
  void spellingsOfOneTextAreTheSame(String what, String one, String other) {
    assertThat(asking(one)).isEqualTo(asking(other));
  }

  static Stream<Arguments> textsThatDiffer() {
    return Stream.of(
        Arguments.of("punctuation", "What is C?", "What is C++?"),
        Arguments.of("brackets", "What does () do?", "What does [] do?"),
        Arguments.of("a question mark", "It works?", "It works"),
        Arguments.of("case", "What is go?", "What is Go?"),
        Arguments.of("leading white space", "text", " text"),
        Arguments.of("white space within", "a b", "a  b"),
        Arguments.of("white space at the end of a line within", "a\nb", "a \nb"),
        Arguments.of("an empty line", "a\nb", "a\n\nb"),
        Arguments.of("compatibility forms", "\ufb01", "fi"),
        Arguments.of("full width", "\uff21", "A"),
        Arguments.of("a superscript", "x\u00b2", "x2"),
        Arguments.of("look-alikes of another script", "\u0430", "a"),
        Arguments.of("a zero-width joiner", "a\u200d", "a"),
        Arguments.of("a no-break space at the end", "a\u00a0", "a"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("textsThatDiffer")
  void textsThatMayMeanSomethingElseDiffer(String what, String one, String other) {
    assertThat(asking(one)).isNotEqualTo(asking(other));
  }

  static Stream<Arguments> conversationsThatDiffer() {
    return Stream.of(
        Arguments.of(
            "a boundary moves", turns("user", "ab", "user", "c"), turns("user", "a", "user", "bc")),
        Arguments.of("a turn is split", turns("user", "abc"), turns("user", "ab", "user", "c")),
        Arguments.of("a role moves into the text", turns("user", "x"), turns("use", "rx")),
        Arguments.of(
            "the text moves into a role",
            turns("user", "x", "user", ""),
            turns("user", "", "userx", "")),
        Arguments.of(
            "roles change places",
            turns("user", "a", "assistant", "b"),
            turns("assistant", "a", "user", "b")),
        Arguments.of(
            "the order changes", turns("user", "a", "user", "b"), turns("user", "b", "user", "a")),
        Arguments.of("an empty turn comes", turns("user", "a"), turns("user", "a", "user", "")),
        Arguments.of(
            "system text becomes a question",
            turns("system", "a", "user", "b"),
            turns("user", "a", "user", "b")),
        Arguments.of("a length looks like text", turns("user", "\0\0\0\1a"), turns("user", "a")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversationsThatDiffer")
  void conversationsThatReadTheSameInOneGoDiffer(
      String what, List<Message> one, List<Message> other) {
    assertThat(conversation(one)).isNotEqualTo(conversation(other));
  }

  @Test
  void neighbouringFieldsDoNotRunTogether() {
    assertThat(Fingerprint.of(aRequest().forTenant("ab").ofModel("c").build()))
        .isNotEqualTo(Fingerprint.of(aRequest().forTenant("a").ofModel("bc").build()));
    assertThat(Fingerprint.of(aRequest().answeredInAtMost(1).build()))
        .isNotEqualTo(Fingerprint.of(aRequest().atTemperature(1.0).build()));
  }

  @Test
  void absentIsNotTheSameAsNothing() {
    assertThat(Fingerprint.of(aRequest().atTemperature(0.0).build()))
        .isNotEqualTo(Fingerprint.of(aRequest().atTemperature(null).build()));
    assertThat(Fingerprint.of(aRequest().withoutTurns().build()))
        .isNotEqualTo(Fingerprint.of(aRequest().asking("").build()));
  }

  @Test
  void aRequestForAnAnswerOfItsOwnIsTheSameAsNoOther() {
    var alone = Fingerprint.of(aRequest().withId("r1").usingCache(false).build());

    assertThat(alone)
        .isNotEqualTo(Fingerprint.of(aRequest().withId("r2").usingCache(false).build()))
        .isNotEqualTo(Fingerprint.of(aRequest().withId("r1").usingCache(true).build()))
        .isEqualTo(Fingerprint.of(aRequest().withId("r1").usingCache(false).build()));
  }

  @Test
  void aFingerprintIsSixteenBytesInHexadecimal() {
    assertThat(Fingerprint.of(aRequest().build()).hex()).matches("[0-9a-f]{32}");
  }

  /**
   * SHA-256 over length-prefixed parts, computed by another program. A release that changes it
   * loses every cached answer, and the meeting point of whatever is in flight.
   */
  @Test
  void fingerprintsOutliveAReleaseBitForBit() {
    assertThat(Fingerprint.of(aRequest().then("assistant", "A pipe.").atTemperature(0.2).build()))
        .isEqualTo(new Fingerprint("ecefaae22350254eb57bac44890f56d7"));
    assertThat(Fingerprint.ofClaim("default", "key-1"))
        .isEqualTo(new Fingerprint("14f3df93bd03cb5d5655e560ec2a4224"));
  }

  static Stream<Arguments> optionsThatSayTheSame() {
    return Stream.of(
        Arguments.of(
            "the order of keys in a tool's schema",
            tool("{\"type\": \"object\", \"a\": [1, 2]}", null),
            tool("{\"a\":[1,2],\"type\":\"object\"}", null)),
        Arguments.of("a mark of a prefix", tool("{}", null), tool("{}", "1h")),
        Arguments.of(
            "the order of unknown fields",
            Options.newBuilder().setExtra("{\"a\": 1, \"b\": 2}").build(),
            Options.newBuilder().setExtra("{\"b\": 2, \"a\": 1}").build()),
        Arguments.of("options that ask nothing", null, null));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optionsThatSayTheSame")
  void optionsThatSayTheSameAreTheSame(String what, Options one, Options other) {
    assertThat(Fingerprint.of(aRequest().with(one).build()))
        .isEqualTo(Fingerprint.of(aRequest().with(other).build()));
  }

  static Stream<Arguments> optionsThatDiffer() {
    return Stream.of(
        Arguments.of("a list's order", tool("{\"a\":[1,2]}", null), tool("{\"a\":[2,1]}", null)),
        Arguments.of("the kind of a number", tool("{\"a\":1}", null), tool("{\"a\":1.0}", null)),
        Arguments.of("broken JSON", tool("{\"a\":1", null), tool("{\"a\": 1", null)),
        Arguments.of("a key said twice", tool("{\"a\":1,\"a\":2}", null), tool("{\"a\":2}", null)),
        Arguments.of(
            "a stop text",
            Options.newBuilder().setStop(List.of("a")).build(),
            Options.newBuilder().setStop(List.of("a", "b")).build()),
        Arguments.of(
            "an effort that looks like an unknown field",
            Options.newBuilder().setReasoningEffort("low").build(),
            Options.newBuilder().setExtra("{\"reasoningEffort\":\"low\"}").build()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optionsThatDiffer")
  void optionsThatMayMeanSomethingElseDiffer(String what, Options one, Options other) {
    assertThat(Fingerprint.of(aRequest().with(one).build()))
        .isNotEqualTo(Fingerprint.of(aRequest().with(other).build()));
  }

  @Test
  void aTurnOfOneTextPartIsTheSameAsItsText() {
    assertThat(
            Fingerprint.of(aRequest().withoutTurns().then(turn(new TextPart("hi ", "5m"))).build()))
        .isEqualTo(asking("hi"));
    assertThat(
            Fingerprint.of(
                aRequest()
                    .withoutTurns()
                    .then(turn(new TextPart("h", null), new TextPart("i", null)))
                    .build()))
        .isNotEqualTo(asking("hi"));
  }

  @Test
  void speakersOfOneRoleAreToldApart() {
    assertThat(
            Fingerprint.of(
                aRequest()
                    .withoutTurns()
                    .then(new Message("user", "hi", "ann", List.of()))
                    .build()))
        .isNotEqualTo(asking("hi"))
        .isNotEqualTo(
            Fingerprint.of(
                aRequest()
                    .withoutTurns()
                    .then(new Message("user", "hi", "bob", List.of()))
                    .build()));
  }

  @Test
  void theApiOfARequestCountsWhereOnlyThatApiKnowsWhatIsMeant() {
    var unknown = Options.newBuilder().setExtra("{\"top_a\":1}").build();
    assertThat(Fingerprint.of(aRequest().with(unknown).written(Dialect.OPENAI).build()))
        .isNotEqualTo(Fingerprint.of(aRequest().with(unknown).written(Dialect.ANTHROPIC).build()));
    var raw = turn(new RawPart("document", "{\"type\":\"document\"}", null));
    assertThat(Fingerprint.of(aRequest().then(raw).written(Dialect.OPENAI).build()))
        .isNotEqualTo(Fingerprint.of(aRequest().then(raw).written(Dialect.ANTHROPIC).build()));
  }

  private static Options tool(String parameters, @Nullable String cacheFor) {
    return Options.newBuilder()
        .setTools(List.of(new Tool("f", null, parameters, null, cacheFor, null)))
        .build();
  }

  private static Message turn(Object... parts) {
    return new Message("user", "", null, List.of(parts));
  }

  @ParameterizedTest
  @CsvSource({"a, b, a, b, true", "a, b, a, c, false", "a, b, b, b, false", "ab, c, a, bc, false"})
  void aClaimIsThatOfOneKeyOfOneTenant(
      String tenant, String key, String otherTenant, String otherKey, boolean same) {
    assertThat(Fingerprint.ofClaim(tenant, key).equals(Fingerprint.ofClaim(otherTenant, otherKey)))
        .isEqualTo(same);
  }

  private static Fingerprint asking(String question) {
    return Fingerprint.of(aRequest().asking(question).build());
  }

  private static Fingerprint conversation(List<Message> turns) {
    var request = aRequest().withoutTurns();
    turns.forEach(turn -> request.then(turn.getRole(), turn.getContent()));
    return Fingerprint.of(request.build());
  }

  private static List<Message> turns(String... rolesAndTexts) {
    var turns = new ArrayList<Message>();
    for (int i = 0; i < rolesAndTexts.length; i += 2) {
      turns.add(Messages.text(rolesAndTexts[i], rolesAndTexts[i + 1]));
    }
    return turns;
  }
}
