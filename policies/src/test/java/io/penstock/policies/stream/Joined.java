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
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a reader has who joins pieces as the vocabulary says: each choice's parts and refusal. */
record Joined(TreeMap<Integer, TreeMap<Integer, Object>> parts, TreeMap<Integer, String> refusals) {

  static Joined of(List<Piece> pieces) {
    var joined = new Joined(new TreeMap<>(), new TreeMap<>());
    pieces.forEach(joined::add);
    return joined;
  }

  /** The same of an answer that came as a whole. */
  static Joined of(Answer answer) {
    var joined = new Joined(new TreeMap<>(), new TreeMap<>());
    joined.add(0, answer);
    for (int i = 0; i < answer.getOthers().size(); i++) {
      joined.add(i + 1, answer.getOthers().get(i));
    }
    return joined;
  }

  private void add(int choice, Answer answer) {
    List<?> all =
        answer.getParts().isEmpty() && !answer.getText().isEmpty()
            ? List.of(new TextPart(answer.getText(), null))
            : answer.getParts();
    for (int i = 0; i < all.size(); i++) {
      of(choice).put(i, all.get(i));
    }
    if (answer.getRefusal() != null) {
      refusals.put(choice, answer.getRefusal());
    }
  }

  private void add(Piece piece) {
    switch (piece) {
      case Piece.Whole(int choice, int part, RawPart raw) -> of(choice).put(part, raw);
      case Piece.More(Delta delta) when delta.getKind() == DeltaKind.REFUSAL ->
          refusals.merge(delta.getChoice(), delta.getText(), String::concat);
      case Piece.More(Delta delta) ->
          of(delta.getChoice()).compute(delta.getPart(), (_, before) -> longer(before, delta));
    }
  }

  private TreeMap<Integer, Object> of(int choice) {
    return parts.computeIfAbsent(choice, _ -> new TreeMap<>());
  }

  private static Object longer(@Nullable Object before, Delta delta) {
    String text = delta.getText();
    return switch (delta.getKind()) {
      case TEXT ->
          new TextPart(before instanceof TextPart words ? words.getText() + text : text, null);
      case TOOL_CALL ->
          before instanceof ToolCall call
              ? new ToolCall(call.getId(), call.getName(), call.getArguments() + text, null)
              : new ToolCall(delta.getId(), delta.getName(), text, null);
      case REASONING -> {
        Reasoning thought = thought(before);
        yield new Reasoning(
            thought.getText() + text, thought.getSignature(), thought.getRedacted());
      }
      case SIGNATURE -> {
        Reasoning thought = thought(before);
        yield new Reasoning(
            thought.getText(), joined(thought.getSignature(), text), thought.getRedacted());
      }
      case REDACTED -> {
        Reasoning thought = thought(before);
        yield new Reasoning(
            thought.getText(), thought.getSignature(), joined(thought.getRedacted(), text));
      }
      case REFUSAL -> throw new IllegalArgumentException("a refusal is no part");
    };
  }

  private static Reasoning thought(@Nullable Object before) {
    return before instanceof Reasoning thought ? thought : new Reasoning("", null, null);
  }

  private static String joined(@Nullable String before, String text) {
    return before == null ? text : before + text;
  }

  /** Both, one after the other. */
  static List<Piece> both(List<Piece> first, List<Piece> second) {
    var all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
