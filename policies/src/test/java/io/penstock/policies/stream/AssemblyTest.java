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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AssemblyTest {
  private static final Answer PLAIN = Answers.text("Paris.", "stop");
  private static final Answer IN_PARTS =
      new Answer(
          "Let me see.",
          "tool_calls",
          List.of(
              new Reasoning("hm", "sig", null),
              new Reasoning("", null, "xyz"),
              new TextPart("Let me ", null),
              new TextPart("see.", null),
              new ToolCall("a", "f", "{\"x\":1}", null),
              new ToolCall("b", "g", "", null)),
          "END",
          null,
          "{}",
          List.of("seed"),
          List.of(),
          null);
  private static final Answer REFUSAL =
      new Answer("", "content_filter", List.of(), null, "No.", null, List.of(), List.of(), null);
  private static final Answer SEVERAL =
      new Answer(
          "a", "stop", List.of(), null, null, null, List.of("x"), List.of(PLAIN, IN_PARTS), null);

  static Stream<Arguments> answers() {
    return Stream.of(
        Arguments.of("plain", PLAIN),
        Arguments.of("empty", Answers.text("", "length")),
        Arguments.of("in parts", IN_PARTS),
        Arguments.of("a refusal", REFUSAL),
        Arguments.of("several", SEVERAL));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void whatIsTakenApartJoinsAgain(String what, Answer answer) {
    assertThat(joined(pieces(answer), answer)).as(what).isEqualTo(withoutEnds(answer));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void itDoesNotMatterHowSmallThePiecesAre(String what, Answer answer) {
    var crumbs = new ArrayList<Delta>();
    for (Delta piece : pieces(answer)) {
      crumbs.add(
          copy(piece, piece.getText().isEmpty() ? "" : piece.getText().substring(0, 1), true));
      for (int i = 1; i < piece.getText().length(); i++) {
        crumbs.add(copy(piece, piece.getText().substring(i, i + 1), false));
      }
    }
    assertThat(joined(crumbs, answer)).as(what).isEqualTo(withoutEnds(answer));
  }

  @Test
  void oneTextIsNoPart() {
    var assembly = new Assembly();
    assembly.add(text(0, 0, "Par"));
    assembly.add(text(0, 0, "is."));
    assertThat(assembly.answer(i -> Assembly.End.of("stop"), List.of())).isEqualTo(PLAIN);
  }

  @Test
  void rawPartsKeepTheirPlace() {
    var raw = new RawPart("web_search_tool_result", "{}", null);
    var assembly = new Assembly();
    assembly.add(text(0, 0, "a"));
    assembly.add(text(0, 2, "b"));
    assembly.add(0, 1, raw);
    var answer = assembly.answer(i -> Assembly.End.of("stop"), List.of());
    assertThat(answer.getText()).isEqualTo("ab");
    assertThat(answer.getParts())
        .isEqualTo(List.of(new TextPart("a", null), raw, new TextPart("b", null)));
  }

  @Test
  void partsThatNeverBeganLeaveNoGap() {
    var assembly = new Assembly();
    assembly.add(text(0, 7, "a"));
    assertThat(assembly.answer(i -> Assembly.End.of("stop"), List.of()))
        .isEqualTo(Answers.text("a", "stop"));
  }

  @Test
  void theSizeIsThatOfTheRecord() {
    var assembly = new Assembly();
    assembly.add(text(0, 0, "é😀"));
    assertThat(assembly.bytes()).isEqualTo(6);
    assembly.add(new Delta(DeltaKind.TOOL_CALL, 0, 1, "{}", "a", "f"));
    assertThat(assembly.bytes()).as("the text twice").isGreaterThanOrEqualTo(6 + 6 + 2);
  }

  @Test
  void anEndlessRowOfEmptyPartsGrowsToo() {
    var assembly = new Assembly();
    for (int i = 0; i < 1000; i++) {
      assembly.add(new Delta(DeltaKind.TOOL_CALL, 0, i, "", "", ""));
    }
    assertThat(assembly.bytes()).isGreaterThan(10_000);
  }

  @Test
  void allThatIsSeenIsCounted() {
    var assembly = new Assembly();
    pieces(IN_PARTS).forEach(assembly::add);
    assertThat(assembly.visible()).isEqualTo("hmLet me see.f{\"x\":1}g");
    assertThat(new Assembly().isEmpty()).isTrue();
  }

  private static Answer joined(List<Delta> pieces, Answer like) {
    var assembly = new Assembly();
    pieces.forEach(assembly::add);
    return assembly.answer(
        i -> end(i == 0 ? like : like.getOthers().get(i - 1)), like.getDropped());
  }

  private static Assembly.End end(Answer answer) {
    return new Assembly.End(
        answer.getFinishReason(), answer.getStopSequence(), answer.getLogprobs());
  }

  /** Parameters that were not sent are those of the whole answer. */
  private static Answer withoutEnds(Answer answer) {
    return new Answer(
        answer.getText(),
        answer.getFinishReason(),
        answer.getParts(),
        answer.getStopSequence(),
        answer.getRefusal(),
        answer.getLogprobs(),
        answer.getDropped(),
        answer.getOthers().stream()
            .map(other ->
                new Answer(
                    other.getText(),
                    other.getFinishReason(),
                    other.getParts(),
                    other.getStopSequence(),
                    other.getRefusal(),
                    other.getLogprobs(),
                    List.of(),
                    List.of(),
                    null))
            .toList(),
        null);
  }

  private static List<Delta> pieces(Answer answer) {
    return Replay.of(answer).stream().map(Piece.More.class::cast).map(Piece.More::delta).toList();
  }

  private static Delta text(int choice, int part, String text) {
    return new Delta(DeltaKind.TEXT, choice, part, text, null, null);
  }

  private static Delta copy(Delta piece, String text, boolean first) {
    return new Delta(
        piece.getKind(),
        piece.getChoice(),
        piece.getPart(),
        text,
        first ? piece.getId() : null,
        first ? piece.getName() : null);
  }
}
