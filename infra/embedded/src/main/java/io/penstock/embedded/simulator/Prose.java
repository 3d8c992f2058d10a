package io.penstock.embedded.simulator;

/** Readable nonsense, always the same for the same seed. */
final class Prose {
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

  private Prose() {}

  /** Sentences of at most {@code bytes} characters of ASCII, and hardly fewer. */
  static String of(long seed, int bytes) {
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

  /** A single word. */
  static String word(long seed) {
    return WORDS[(int) Long.remainderUnsigned(Digest.scatter(seed), WORDS.length)];
  }
}
