package io.penstock.infra.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Turns texts into typed values; whatever cannot be turned becomes a problem, not an exception. */
final class Reader {
  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");
  private static final int HIGHEST_PORT = 65_535;

  private final Values values;
  private final Problems problems;

  Reader(Values values, Problems problems) {
    this.values = values;
    this.problems = problems;
  }

  /** A part of the file that holds rows instead of settings. */
  Optional<JsonNode> section(String name) {
    return values.section(name);
  }

  /** What stands in the environment under a name that the file gives. */
  Optional<String> variable(String name) {
    return values.variable(name);
  }

  boolean given(Setting setting) {
    return values.given(setting);
  }

  Optional<String> text(Setting setting) {
    return values.get(setting).map(Values.Value::text);
  }

  String required(Setting setting) {
    return text(setting).orElse("");
  }

  boolean isCancel(Setting setting) {
    return typed(
        setting,
        false,
        "give drain or cancel",
        text ->
            switch (text) {
              case "drain" -> Optional.of(false);
              case "cancel" -> Optional.of(true);
              default -> Optional.empty();
            });
  }

  boolean isAuto(Setting setting) {
    return typed(
        setting,
        true,
        "give auto or off",
        text ->
            switch (text) {
              case "auto" -> Optional.of(true);
              case "off", "false" -> Optional.of(false); // YAML takes a bare off for false.
              default -> Optional.empty();
            });
  }

  int port(Setting setting) {
    return number(setting, 0, HIGHEST_PORT);
  }

  int number(Setting setting, int least, int most) {
    return typed(
        setting,
        least,
        "give a whole number from " + least + " to " + most,
        text -> {
          int number = Integer.parseInt(text);
          return number >= least && number <= most ? Optional.of(number) : Optional.empty();
        });
  }

  Duration duration(Setting setting) {
    return typed(
        setting,
        Duration.ZERO,
        "give a duration such as 250ms, 30s, 5m or 24h",
        text -> {
          Matcher matcher = DURATION.matcher(text);
          if (!matcher.matches()) {
            return Optional.empty();
          }
          long amount = Long.parseLong(matcher.group(1));
          return Optional.of(
              switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
              });
        });
  }

  Optional<Path> file(Setting setting) {
    return text(setting)
        .map(ignored ->
            typed(
                setting,
                Path.of(""),
                "name a readable file",
                text ->
                    Files.isReadable(Path.of(text))
                        ? Optional.of(Path.of(text))
                        : Optional.empty()));
  }

  URI url(Setting setting) {
    return urls(setting).getFirst();
  }

  List<URI> urls(Setting setting) {
    return typed(
        setting,
        List.of(URI.create("http://unset")),
        "give an http or https URL",
        text -> {
          List<URI> urls = Stream.of(text.split(",")).map(String::strip).map(URI::create).toList();
          boolean usable =
              urls.stream()
                  .allMatch(url ->
                      url.getHost() != null
                          && ("http".equals(url.getScheme()) || "https".equals(url.getScheme())));
          return usable ? Optional.of(urls) : Optional.empty();
        });
  }

  private <T> T typed(
      Setting setting, T fallback, String remedy, Function<String, Optional<T>> parse) {
    Values.Value value = values.get(setting).orElse(new Values.Value("", "default"));
    Optional<T> parsed;
    try {
      parsed = parse.apply(value.text());
    } catch (IllegalArgumentException | ArithmeticException e) {
      parsed = Optional.empty();
    }
    if (parsed.isEmpty()) {
      problems.add(value.source(), shown(setting, value.text()), remedy);
    }
    return parsed.orElse(fallback);
  }

  // What stands before an @ in a URL may be a password.
  private static String shown(Setting setting, String text) {
    return setting.secret() || text.contains("@") ? Problems.HIDDEN : text;
  }
}
