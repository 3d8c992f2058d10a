package io.penstock.policies.stream;

import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A complete answer as the pieces in which it would have come: choice by choice, part by part, the
 * refusal last. Joined they give the answer, but for what only its end tells (why it stopped).
 */
public final class Replay {
  /** The longest piece, in characters: whoever reads a stream expects no megabytes in one event. */
  public static final int LONGEST_PIECE = 4096;

  private Replay() {}

  public static List<Piece> of(Answer answer) {
    return whole(answer).stream().flatMap(piece -> cut(piece).stream()).toList();
  }

  /** One piece for each kind of text of each part. */
  static List<Piece> whole(Answer answer) {
    var pieces = new ArrayList<Piece>();
    add(0, answer, pieces);
    for (int i = 0; i < answer.getOthers().size(); i++) {
      add(i + 1, answer.getOthers().get(i), pieces);
    }
    return pieces;
  }

  private static void add(int choice, Answer answer, List<Piece> pieces) {
    List<?> parts = answer.getParts();
    if (parts.isEmpty() && !answer.getText().isEmpty()) {
      pieces.add(more(DeltaKind.TEXT, choice, 0, answer.getText()));
    }
    for (int part = 0; part < parts.size(); part++) {
      add(choice, part, parts.get(part), pieces);
    }
    if (answer.getRefusal() != null) {
      pieces.add(more(DeltaKind.REFUSAL, choice, parts.size(), answer.getRefusal()));
    }
  }

  private static void add(int choice, int part, Object what, List<Piece> pieces) {
    switch (what) {
      case TextPart text -> pieces.add(more(DeltaKind.TEXT, choice, part, text.getText()));
      case ToolCall call ->
          pieces.add(
              new Piece.More(
                  new Delta(
                      DeltaKind.TOOL_CALL,
                      choice,
                      part,
                      call.getArguments(),
                      call.getId(),
                      call.getName())));
      case Reasoning thought -> {
        boolean silent = thought.getSignature() == null && thought.getRedacted() == null;
        if (silent || !thought.getText().isEmpty()) {
          pieces.add(more(DeltaKind.REASONING, choice, part, thought.getText()));
        }
        addIfPresent(DeltaKind.SIGNATURE, choice, part, thought.getSignature(), pieces);
        addIfPresent(DeltaKind.REDACTED, choice, part, thought.getRedacted(), pieces);
      }
      case RawPart raw -> pieces.add(new Piece.Whole(choice, part, raw));
      default -> throw new IllegalArgumentException("no part of an answer: " + what.getClass());
    }
  }

  private static void addIfPresent(
      DeltaKind kind, int choice, int part, @Nullable String text, List<Piece> pieces) {
    if (text != null) {
      pieces.add(more(kind, choice, part, text));
    }
  }

  private static Piece more(DeltaKind kind, int choice, int part, String text) {
    return new Piece.More(new Delta(kind, choice, part, text, null, null));
  }

  /** The same in pieces that are not too long; no character is taken apart. */
  static List<Piece> cut(Piece piece) {
    if (!(piece instanceof Piece.More(Delta delta)) || delta.getText().length() <= LONGEST_PIECE) {
      return List.of(piece);
    }
    String text = delta.getText();
    var cut = new ArrayList<Piece>();
    for (int from = 0; from < text.length(); ) {
      int to = Math.min(from + LONGEST_PIECE, text.length());
      if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
        to--;
      }
      boolean first = from == 0;
      cut.add(
          new Piece.More(
              new Delta(
                  delta.getKind(),
                  delta.getChoice(),
                  delta.getPart(),
                  text.substring(from, to),
                  first ? delta.getId() : null,
                  first ? delta.getName() : null)));
      from = to;
    }
    return cut;
  }
}
