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
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Joins the pieces of a streamed answer, which {@link Replay} takes apart again. Pieces of one
 * choice and part may come at any time and in any number; what is missing in between is simply not
 * there. For one thread; it grows with what it is given, so whoever feeds it asks {@link #bytes()}
 * when to stop.
 */
public final class Assembly {
  // What a part costs beyond its text, about: an endless row of empty parts is bounded too.
  private static final long PART_BYTES = 32;

  private final TreeMap<Integer, Choice> choices = new TreeMap<>();
  private long bytes;
  private long parts;
  private long textBytes;

  /**
   * What the pieces of an answer do not say.
   *
   * @param logprobs OpenAI's JSON
   */
  public record End(String finishReason, @Nullable String stopSequence, @Nullable String logprobs) {
    public static End of(String finishReason) {
      return new End(finishReason, null, null);
    }
  }

  /** One of the answers. */
  private static final class Choice {
    private final TreeMap<Integer, Part> parts = new TreeMap<>();
    private final StringBuilder refusal = new StringBuilder();
  }

  /** A part as far as it has come. Its first piece says what it is. */
  private static final class Part {
    private final DeltaKind kind;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder signature = new StringBuilder();
    private final StringBuilder redacted = new StringBuilder();
    private String id = "";
    private String name = "";
    private @Nullable RawPart raw;

    Part(DeltaKind kind) {
      this.kind = kind;
    }
  }

  /** Adds a piece behind the earlier ones of its part. */
  public void add(Delta delta) {
    Choice choice = choice(delta.getChoice());
    String text = delta.getText();
    count(text);
    switch (delta.getKind()) {
      case REFUSAL -> choice.refusal.append(text);
      case TEXT -> {
        textBytes += utf8(text);
        part(choice, delta).text.append(text);
      }
      case REASONING -> part(choice, delta).text.append(text);
      case SIGNATURE -> part(choice, delta).signature.append(text);
      case REDACTED -> part(choice, delta).redacted.append(text);
      case TOOL_CALL -> {
        Part call = part(choice, delta);
        call.text.append(text);
        call.id = call.id.isEmpty() && delta.getId() != null ? delta.getId() : call.id;
        call.name = call.name.isEmpty() && delta.getName() != null ? delta.getName() : call.name;
      }
    }
  }

  /** Adds a part that never comes in pieces. */
  public void add(int choice, int part, RawPart raw) {
    count(raw.getJson());
    var whole = new Part(DeltaKind.TEXT);
    whole.raw = raw;
    choice(choice).parts.put(part, whole);
    parts++;
  }

  private Choice choice(int index) {
    return choices.computeIfAbsent(index, i -> new Choice());
  }

  private Part part(Choice choice, Delta delta) {
    return choice.parts.computeIfAbsent(
        delta.getPart(),
        i -> {
          parts++;
          return new Part(delta.getKind());
        });
  }

  private void count(String text) {
    bytes += utf8(text);
  }

  /** Bytes of UTF-8, but for surrogates without their other half. */
  private static long utf8(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Half of a pair is two of its four bytes.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** Whether any piece has come. */
  public boolean isEmpty() {
    return choices.isEmpty();
  }

  /** About what the answer will take in a record; an answer in parts holds its text twice. */
  public long bytes() {
    boolean plain =
        parts <= choices.size()
            && choices.values().stream()
                .allMatch(choice ->
                    choice.parts.size() <= 1
                        && choice.parts.values().stream().allMatch(Assembly::isText));
    return plain ? bytes : bytes + textBytes + PART_BYTES * parts;
  }

  /** All that a reader would see: what our own count of tokens is taken of. */
  public String visible() {
    var all = new StringBuilder();
    for (Choice choice : choices.values()) {
      choice.parts.values().forEach(part -> all.append(part.name).append(part.text));
      all.append(choice.refusal);
    }
    return all.toString();
  }

  /**
   * The answer as far as it has come, and the further ones in it.
   *
   * @param ends by the number of the answer, from 0
   * @param dropped parameters that were not sent
   */
  public Answer answer(IntFunction<End> ends, List<String> dropped) {
    var answers = new ArrayList<Answer>();
    choices.headMap(0).clear(); // Nobody counts below zero.
    if (choices.isEmpty()) {
      choices.put(0, new Choice());
    }
    List<Map.Entry<Integer, Choice>> inOrder = List.copyOf(choices.entrySet());
    for (int i = inOrder.size() - 1; i > 0; i--) {
      var each = inOrder.get(i);
      answers.addFirst(answer(each.getValue(), ends.apply(each.getKey()), List.of(), List.of()));
    }
    var first = inOrder.getFirst();
    return answer(first.getValue(), ends.apply(first.getKey()), dropped, answers);
  }

  private static Answer answer(Choice choice, End end, List<String> dropped, List<Answer> others) {
    List<Object> parts = choice.parts.values().stream().map(Assembly::finished).toList();
    var text = new StringBuilder();
    for (Object part : parts) {
      if (part instanceof TextPart words) {
        text.append(words.getText());
      }
    }
    boolean plain = parts.isEmpty() || (parts.size() == 1 && parts.getFirst() instanceof TextPart);
    return new Answer(
        text.toString(),
        end.finishReason(),
        plain ? List.of() : parts,
        end.stopSequence(),
        choice.refusal.isEmpty() ? null : choice.refusal.toString(),
        end.logprobs(),
        dropped,
        others,
        null);
  }

  private static boolean isText(Part part) {
    return part.raw == null && part.kind == DeltaKind.TEXT;
  }

  private static Object finished(Part part) {
    if (part.raw != null) {
      return part.raw;
    }
    return switch (part.kind) {
      case TEXT, REFUSAL -> new TextPart(part.text.toString(), null);
      case TOOL_CALL -> new ToolCall(part.id, part.name, part.text.toString(), null);
      case REASONING, SIGNATURE, REDACTED ->
          new Reasoning(part.text.toString(), orNull(part.signature), orNull(part.redacted));
    };
  }

  private static @Nullable String orNull(StringBuilder text) {
    return text.isEmpty() ? null : text.toString();
  }
}
