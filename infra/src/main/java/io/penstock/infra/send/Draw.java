package io.penstock.infra.send;

import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Draws prompts by their weight, with replacement; the same seed draws the same. */
public final class Draw {
  private final NavigableMap<Long, Prompt> byUpperBound = new TreeMap<>();
  private final long total;

  public Draw(List<Prompt> prompts) {
    long sum = 0;
    for (Prompt prompt : prompts) {
      sum += prompt.weight();
      byUpperBound.put(sum, prompt);
    }
    total = sum;
  }

  public List<Prompt> draw(int count, long seed) {
    var random = new Random(seed);
    return IntStream.range(0, count)
        .mapToObj(i -> byUpperBound.higherEntry(random.nextLong(total)).getValue())
        .toList();
  }
}
