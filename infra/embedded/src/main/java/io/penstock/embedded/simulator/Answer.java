package io.penstock.embedded.simulator;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model answers: one or more choices, always the same for the same model, prompt and wish.
 * The choices are generated side by side, a token of each at a time.
 */
record Answer(List<Choice> choices) {
  /** Distance between the seeds of two choices. */
  private static final long APART = 0x632be59bd9b4e019L;

  Answer {
    choices = List.copyOf(choices);
  }

  static Answer to(Ask ask) {
    return switch (ask.wish()) {
      case Wish.Vectors _ -> new Answer(List.of());
      case Wish.Talk talk -> new Answer(choices(talk, ask.prompt().seed(ask.model().name())));
      case Wish.Completions(Wish.Talk each) ->
          new Answer(
              ask.prompt().hashes(ask.model().name()).stream()
                  .flatMap(seed -> choices(each, seed).stream())
                  .toList());
    };
  }

  private static List<Choice> choices(Wish.Talk talk, long seed) {
    return IntStream.range(0, talk.choices())
        .mapToObj(n -> Choice.of(talk, seed + n * APART))
        .toList();
  }

  /** Tokens of the longest choice: how long it takes to generate them all. */
  int steps() {
    return choices.stream().mapToInt(Choice::tokens).max().orElse(0);
  }

  /** Tokens generated after {@code steps}. */
  long tokensAfter(long steps) {
    return choices.stream().mapToLong(choice -> Math.min(steps, choice.tokens())).sum();
  }

  /** Those of them that are thought and not said. */
  long reasoningAfter(long steps) {
    return choices.stream().mapToLong(choice -> Math.min(steps, choice.reasoningTokens())).sum();
  }
}
