package io.penstock.policies.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.Answers;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RemainderTest {
  private static final int ANSWERS = 3_000;
  private final Random random = new Random(20261128);

  @Test
  void theJoinedPiecesOfAReplayAreTheAnswer() {
    for (int i = 0; i < ANSWERS; i++) {
      Answer answer = anyAnswer();
      assertThat(Joined.of(Replay.of(answer))).as("%s", answer).isEqualTo(Joined.of(answer));
    }
  }

  @Test
  void noPieceOfAReplayIsTooLongNorTakesACharacterApart() {
    String text = "x" + "\ud83d\ude00".repeat(Replay.LONGEST_PIECE);
    var pieces = Replay.of(Answers.text(text, "stop"));
    assertThat(pieces).hasSizeGreaterThan(2);
    assertThat(pieces)
        .allSatisfy(piece -> {
          String part = ((Piece.More) piece).delta().getText();
          assertThat(part.length()).isBetween(1, Replay.LONGEST_PIECE);
          assertThat(Character.isHighSurrogate(part.charAt(part.length() - 1))).isFalse();
        });
    assertThat(Joined.of(pieces)).isEqualTo(Joined.of(Answers.text(text, "stop")));
  }

  @Test
  void whateverWasGivenOfAnAnswerAndTheRemainderAreTheAnswer() {
    int cutInTheMiddle = 0;
    for (int i = 0; i < ANSWERS; i++) {
      Answer answer = anyAnswer();
      List<Piece> crumbs = crumbs(answer);
      List<Piece> given = crumbs.subList(0, random.nextInt(crumbs.size() + 1));
      var rest = afterGiving(given).of(answer);
      assertThat(rest).isInstanceOf(Remainder.Rest.Missing.class);
      var missing = ((Remainder.Rest.Missing) rest).pieces();
      assertThat(Joined.of(Joined.both(given, missing)))
          .as("%s cut after %s", answer, given)
          .isEqualTo(Joined.of(answer));
      cutInTheMiddle += given.isEmpty() || missing.isEmpty() ? 0 : 1;
    }
    assertThat(cutInTheMiddle).isGreaterThan(ANSWERS / 2);
  }

  @Test
  void ofACompleteAnswerNothingIsMissing() {
    for (int i = 0; i < ANSWERS; i++) {
      Answer answer = anyAnswer();
      assertThat(afterGiving(Replay.of(answer)).of(answer))
          .isEqualTo(new Remainder.Rest.Missing(List.of()));
    }
  }

  @Test
  void anAnswerThatDoesNotBeginWithWhatWasGivenIsAnother() {
    var given = List.<Piece>of(text("The capital is Paris"));
    assertIsAnother(given, Answers.text("The capital is Rome", "stop"));
    assertIsAnother(given, Answers.text("The capital", "stop"));
    assertIsAnother(given, answer(List.of(new ToolCall("1", "look", "{}", null)), null));
    assertIsAnother(given, Answers.text("", "stop"));
  }

  @Test
  void aToolCallUnderAnotherIdIsAnotherAnswer() {
    var begun = new Delta(DeltaKind.TOOL_CALL, 0, 0, "{\"a\"", "call_1", "look");
    var given = List.<Piece>of(new Piece.More(begun));
    assertIsAnother(
        given, answer(List.of(new ToolCall("call_2", "look", "{\"a\":1}", null)), null));
    assertIsAnother(
        given, answer(List.of(new ToolCall("call_1", "find", "{\"a\":1}", null)), null));
    var rest =
        afterGiving(given)
            .of(answer(List.of(new ToolCall("call_1", "look", "{\"a\":1}", null)), null));
    assertThat(rest)
        .isEqualTo(
            new Remainder.Rest.Missing(
                List.of(new Piece.More(new Delta(DeltaKind.TOOL_CALL, 0, 0, ":1}", null, null)))));
  }

  @Test
  void aChoiceThatTheAnswerDoesNotHaveMakesItAnother() {
    assertIsAnother(
        List.of(new Piece.More(new Delta(DeltaKind.TEXT, 1, 0, "second", null, null))),
        Answers.text("first", "stop"));
  }

  @Test
  void aPieceThatSaidNothingStandsInNobodysWay() {
    assertThat(afterGiving(List.of(text(""))).of(answer(List.of(), null)))
        .isEqualTo(new Remainder.Rest.Missing(List.of()));
  }

  @Test
  void onlyWhatWasGivenCountsAsBegun() {
    var remainder = new Remainder();
    assertThat(remainder.begun()).isFalse();
    remainder.gave(text("a"));
    assertThat(remainder.begun()).isTrue();
  }

  private static void assertIsAnother(List<Piece> given, Answer answer) {
    assertThat(afterGiving(given).of(answer)).isEqualTo(new Remainder.Rest.OfAnother());
  }

  private static Remainder afterGiving(List<Piece> pieces) {
    var remainder = new Remainder();
    pieces.forEach(remainder::gave);
    return remainder;
  }

  private static Piece text(String text) {
    return new Piece.More(new Delta(DeltaKind.TEXT, 0, 0, text, null, null));
  }

  /** The replay cut finer, at random: as a provider might have streamed it. */
  private List<Piece> crumbs(Answer answer) {
    var crumbs = new ArrayList<Piece>();
    for (Piece piece : Replay.of(answer)) {
      if (piece instanceof Piece.More(Delta delta) && delta.getText().length() > 1) {
        int at = random.nextInt(delta.getText().length());
        crumbs.add(more(delta, delta.getText().substring(0, at), delta.getId(), delta.getName()));
        crumbs.add(more(delta, delta.getText().substring(at), null, null));
      } else {
        crumbs.add(piece);
      }
    }
    return crumbs;
  }

  private static Piece more(Delta like, String text, @Nullable String id, @Nullable String name) {
    return new Piece.More(
        new Delta(like.getKind(), like.getChoice(), like.getPart(), text, id, name));
  }

  private Answer anyAnswer() {
    if (random.nextInt(5) == 0) {
      return Answers.text(anyText(), "stop");
    }
    Answer answer = anyChoice();
    for (int i = random.nextInt(3); i > 0; i--) {
      answer.getOthers().add(random.nextBoolean() ? anyChoice() : Answers.text(anyText(), "stop"));
    }
    return answer;
  }

  private Answer anyChoice() {
    var parts = new ArrayList<Object>();
    for (int i = random.nextInt(4); i > 0; i--) {
      parts.add(anyPart());
    }
    return answer(parts, random.nextInt(4) == 0 ? anyText() : null);
  }

  private static Answer answer(List<Object> parts, @Nullable String refusal) {
    return new Answer("", "stop", parts, null, refusal, null, List.of(), new ArrayList<>(), null);
  }

  private Object anyPart() {
    return switch (random.nextInt(4)) {
      case 0 -> new TextPart(anyText(), null);
      case 1 -> new ToolCall("call_" + random.nextInt(3), "tool", anyText(), null);
      case 2 -> new Reasoning(anyText(), maybe(), maybe());
      default -> new RawPart("server_tool_use", "{\"n\":" + random.nextInt(9) + "}", null);
    };
  }

  private @Nullable String maybe() {
    return random.nextBoolean() ? null : anyText();
  }

  private String anyText() {
    return "héllo\ud83d\ude00wörld ".repeat(2).substring(0, random.nextInt(20));
  }
}
