package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tool that a caller offers.
 *
 * @param schema JSON schema of its arguments
 */
record Tool(String name, JsonNode schema) {

  /** Whether tools are called. */
  sealed interface Choice {
    /** Never. */
    record None() implements Choice {}

    /** When the model sees fit. */
    record Free() implements Choice {}

    /** At least one. */
    record Forced() implements Choice {}

    /** This one. */
    record Named(String name) implements Choice {}
  }

  /**
   * What the caller offers.
   *
   * @param parallel whether more than one may be called at once
   * @param question what the user said last; empty after the result of a tool
   */
  record Offer(List<Tool> tools, Choice choice, boolean parallel, String question) {
    Offer {
      tools = List.copyOf(tools);
    }

    /**
     * The tools that are called, in order. A free model calls those that the question names; a
     * forced one too, or the first of all where none is named.
     */
    List<Tool> called() {
      return switch (choice) {
        case Choice.None() -> List.of();
        case Choice.Named(String name) ->
            tools.stream().filter(tool -> tool.name.equals(name)).limit(1).toList();
        case Choice.Free() -> atMost(named());
        case Choice.Forced() -> {
          List<Tool> named = named();
          yield named.isEmpty() ? tools.stream().limit(1).toList() : atMost(named);
        }
      };
    }

    private List<Tool> atMost(List<Tool> called) {
      return parallel ? called : called.stream().limit(1).toList();
    }

    /** The tools whose names the question contains as words, in the order in which it does. */
    private List<Tool> named() {
      record Mention(int at, Tool tool) {}
      List<Mention> mentions = new ArrayList<>();
      for (Tool tool : tools) {
        Matcher mention =
            Pattern.compile("(?<![\\w-])" + Pattern.quote(tool.name) + "(?![\\w-])")
                .matcher(question);
        if (mention.find()) {
          mentions.add(new Mention(mention.start(), tool));
        }
      }
      return mentions.stream()
          .sorted(Comparator.comparingInt(Mention::at))
          .map(Mention::tool)
          .toList();
    }
  }
}
