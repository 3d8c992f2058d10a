package io.penstock.embedded.simulator;

import java.util.ArrayList;
import java.util.List;

/**
 * What a model says: readable nonsense, always the same for the same model and prompt.
 *
 * @param text ASCII, so that its bytes are its characters
 * @param cut whether the caller's limit ended it
 */
record Answer(String text, boolean cut) {
  private static final int SHORTEST_TOKENS = 24;
  private static final int LONGEST_TOKENS = 400;
  private static final int SENTENCE_WORDS = 14;

  private static final String[] WORDS =
      """
      the water of a river falls through gates and pipes to turbines that turn with steady force \
      while engineers measure flow pressure head and loss at every bend so when rain fills \
      reservoirs above valley towns operators open one valve slowly watching gauges because sudden \
      change sends waves along steel walls each surge tank takes up some shock then gives it back \
      in calm order power leaves by copper lines for mills lamps pumps trains people rarely ask \
      where light comes from yet someone keeps careful count day after night season by year of what \
      was stored spent or spared there is no magic only patience design maintenance good records \
      honest numbers clear names\
      """
          .split(" ");

  /** The answer of {@code ask}'s model to its prompt. */
  static Answer to(Ask ask) {
    long seed = ask.prompt().seed(ask.model().name());
    int tokens =
        SHORTEST_TOKENS + (int) Long.remainderUnsigned(seed, LONGEST_TOKENS - SHORTEST_TOKENS + 1);
    String whole = prose(seed, tokens * Prompt.BYTES_PER_TOKEN);
    int limit = ask.longest() >= tokens ? whole.length() : ask.longest() * Prompt.BYTES_PER_TOKEN;
    return whole.length() <= limit
        ? new Answer(whole, false)
        : new Answer(whole.substring(0, limit), true);
  }

  int tokens() {
    return Prompt.tokens(text.length());
  }

  /** The text in the pieces in which it is streamed: words, each with the space before it. */
  List<String> pieces() {
    List<String> pieces = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int space = text.indexOf(' ', from + 1);
      int to = space < 0 ? text.length() : space;
      pieces.add(text.substring(from, to));
      from = to;
    }
    return pieces;
  }

  /** Sentences of at most {@code bytes} characters, and hardly fewer. */
  private static String prose(long seed, int bytes) {
    StringBuilder prose = new StringBuilder(bytes);
    int wordsLeft = 0;
    for (long n = 1; ; n++) {
      long random = Digest.scatter(seed + n);
      String word = WORDS[(int) Long.remainderUnsigned(random, WORDS.length)];
      if (prose.length() + word.length() + 3 > bytes) {
        return prose.append('.').toString();
      }
      if (wordsLeft == 0) {
        wordsLeft = 4 + (int) ((random >>> 40) % SENTENCE_WORDS);
        prose.append(prose.isEmpty() ? "" : ". ");
        prose.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
      } else {
        prose.append(' ').append(word);
      }
      wordsLeft--;
    }
  }
}
