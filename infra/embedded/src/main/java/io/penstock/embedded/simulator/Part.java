package io.penstock.embedded.simulator;

import java.util.ArrayList;
import java.util.List;

/** A part of what a model says: one block of a message. */
sealed interface Part {
  /** The longest piece in which a part is streamed, in characters. */
  int LONGEST_PIECE = 16;

  /** What is streamed of it. */
  String text();

  /** Tokens before its text. */
  default int tokensBefore() {
    return 0;
  }

  /** This part with less text. */
  Part cutTo(String shorter);

  /** What the model thinks before it speaks. */
  record Reasoning(String text) implements Part {
    @Override
    public Part cutTo(String shorter) {
      return new Reasoning(shorter);
    }
  }

  /** What the model says. */
  record Text(String text) implements Part {
    @Override
    public Part cutTo(String shorter) {
      return new Text(shorter);
    }
  }

  /**
   * A tool the model wants called.
   *
   * @param mark tells it from other calls; each dialect puts a word of its own before it
   * @param text the arguments, as JSON
   * @param whole whether they are complete
   */
  record Call(String mark, String name, String text, boolean whole) implements Part {
    @Override
    public int tokensBefore() {
      return Prompt.tokens(name);
    }

    @Override
    public Part cutTo(String shorter) {
      return new Call(mark, name, shorter, false);
    }
  }

  default int tokens() {
    return tokensBefore() + Prompt.tokens(text());
  }

  /** The text in the pieces in which it is streamed: words, each with the space before it. */
  default List<String> pieces() {
    String text = text();
    List<String> pieces = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int space = text.indexOf(' ', from + 1);
      int to = Math.min(space < 0 ? text.length() : space, from + LONGEST_PIECE);
      if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
        to++;
      }
      pieces.add(text.substring(from, to));
      from = to;
    }
    return pieces;
  }
}
