package io.penstock.embedded.simulator;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One of the answers of a model, always the same for the same seed and wish. */
record Choice(List<Part> parts, Finish finish) {
  private static final int SHORTEST_TOKENS = 24;
  private static final int LONGEST_TOKENS = 400;
  private static final int ANNOUNCEMENT_TOKENS = 12;
  private static final long THOUGHT = 0x7468696e6bL;

  Choice {
    parts = List.copyOf(parts);
  }

  /**
   * A piece of a streamed choice.
   *
   * @param part number of the part it belongs to, from 0
   * @param text empty where a part begins
   * @param tokens how many tokens of the choice are ready with it
   */
  record Piece(int part, String text, int tokens) {}

  static Choice of(Wish.Talk talk, long seed) {
    List<Part> parts = new ArrayList<>();
    if (talk.reasoning() > 0) {
      parts.add(new Part.Reasoning(thought(seed ^ THOUGHT, talk.reasoning())));
    }
    Choice whole = talk.calls().isEmpty() ? spoken(talk, seed, parts) : called(talk, seed, parts);
    return whole.stoppedAt(talk.stops()).cutAt(talk.longest());
  }

  /** Between half of {@code most} tokens and all of them. */
  private static String thought(long seed, int most) {
    int least = (most + 1) / 2;
    int tokens = least + (int) Long.remainderUnsigned(seed, most - least + 1);
    return Prose.of(seed, tokens * Prompt.BYTES_PER_TOKEN);
  }

  private static Choice spoken(Wish.Talk talk, long seed, List<Part> parts) {
    if (talk.schema() != null) {
      parts.add(new Part.Text(JsonMaker.make(talk.schema(), seed).toString()));
    } else {
      int tokens =
          SHORTEST_TOKENS
              + (int) Long.remainderUnsigned(seed, LONGEST_TOKENS - SHORTEST_TOKENS + 1);
      parts.add(new Part.Text(Prose.of(seed, tokens * Prompt.BYTES_PER_TOKEN)));
    }
    return new Choice(parts, new Finish.Done());
  }

  private static Choice called(Wish.Talk talk, long seed, List<Part> parts) {
    if (talk.announced()) {
      parts.add(new Part.Text(Prose.of(seed, ANNOUNCEMENT_TOKENS * Prompt.BYTES_PER_TOKEN)));
    }
    for (int n = 0; n < talk.calls().size(); n++) {
      Tool tool = talk.calls().get(n);
      long own = Digest.scatter(seed + n);
      String arguments = JsonMaker.make(tool.schema(), own).toString();
      parts.add(
          new Part.Call(String.format("%016x", Digest.scatter(own)), tool.name(), arguments, true));
    }
    return new Choice(parts, new Finish.Calling());
  }

  /** Ends at the first of {@code stops} that is said; what comes after is never said. */
  private Choice stoppedAt(List<String> stops) {
    List<Part> said = new ArrayList<>();
    for (Part part : parts) {
      Optional<String> stop =
          part instanceof Part.Text text ? first(stops, text) : Optional.empty();
      if (stop.isPresent()) {
        said.add(part.cutTo(part.text().substring(0, part.text().indexOf(stop.get()))));
        return new Choice(said, new Finish.Stopped(stop.get()));
      }
      said.add(part);
    }
    return this;
  }

  private static Optional<String> first(List<String> stops, Part.Text said) {
    String found = null;
    for (String stop : stops) {
      int at = said.text().indexOf(stop);
      if (at >= 0 && (found == null || at < said.text().indexOf(found))) {
        found = stop;
      }
    }
    return Optional.ofNullable(found);
  }

  private Choice cutAt(int longest) {
    if (tokens() <= longest) {
      return this;
    }
    List<Part> kept = new ArrayList<>();
    int left = longest;
    for (Part part : parts) {
      if (part.tokens() > left) {
        String shorter =
            firstBytes(part.text(), (left - part.tokensBefore()) * Prompt.BYTES_PER_TOKEN);
        if (!shorter.isEmpty()) {
          kept.add(part.cutTo(shorter));
        }
        break;
      }
      kept.add(part);
      left -= part.tokens();
    }
    return new Choice(kept, new Finish.Cut());
  }

  /** As much of a text as fits, in whole characters. */
  private static String firstBytes(String text, int most) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (most <= 0) {
      return "";
    }
    int end = Math.min(most, utf8.length);
    while (end > 0 && end < utf8.length && (utf8[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(utf8, 0, end, StandardCharsets.UTF_8);
  }

  int tokens() {
    return parts.stream().mapToInt(Part::tokens).sum();
  }

  int reasoningTokens() {
    return parts.stream().filter(Part.Reasoning.class::isInstance).mapToInt(Part::tokens).sum();
  }

  /** The pieces in which it is streamed; each part begins with an empty one. */
  List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    int before = 0;
    for (int n = 0; n < parts.size(); n++) {
      Part part = parts.get(n);
      int begun = before + part.tokensBefore();
      pieces.add(new Piece(n, "", begun));
      int bytes = 0;
      for (String text : part.pieces()) {
        bytes += text.getBytes(StandardCharsets.UTF_8).length;
        pieces.add(new Piece(n, text, begun + Prompt.tokens(bytes)));
      }
      before += part.tokens();
    }
    return pieces;
  }
}
