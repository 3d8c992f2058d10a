package io.penstock.infra.config;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Raw values of settings and where each came from, before anyone asks what they mean. */
final class Values {
  record Value(String text, String source) {}

  // No secret is read from the file, but people may try.
  private static final Pattern SECRETIVE = Pattern.compile("(?i)key|password|secret|token");

  // An amount of money must not become a double on its way.
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** Parts of the file that hold rows instead of settings. */
  private static final Set<String> SECTIONS = Set.of(ProviderRow.SECTION, BudgetRows.SECTION);

  private final Map<Setting, Value> values = new EnumMap<>(Setting.class);
  private final Map<String, JsonNode> sections = new HashMap<>();
  private final Map<String, String> variables = new HashMap<>();

  /**
   * Reads all sources in their order.
   *
   * @param file of settings, or null where there is none
   */
  static Values read(
      @Nullable Path file,
      Map<String, String> environment,
      Map<Setting, String> commandLine,
      Problems problems) {
    var read = new Values();
    if (file != null) {
      read.yaml(file, problems);
    }
    read.environment(environment, problems);
    commandLine.forEach(
        (setting, text) -> read.put(setting, text, setting.flag().orElse("command line")));
    return read;
  }

  /** The value, or the default; empty where there is neither. */
  Optional<Value> get(Setting setting) {
    return Optional.ofNullable(values.get(setting))
        .or(() -> setting.defaultValue().map(text -> new Value(text, "default")));
  }

  /** A part of the file that holds rows; empty where there is none. */
  Optional<JsonNode> section(String name) {
    return Optional.ofNullable(sections.get(name));
  }

  /** What stands in the environment under a name that the file gives. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(text -> !text.isEmpty());
  }

  boolean given(Setting setting) {
    return values.containsKey(setting);
  }

  private void put(Setting setting, String text, String source) {
    values.put(setting, new Value(text, source));
  }

  private void yaml(Path file, Problems problems) {
    if (!Files.isReadable(file)) {
      problems.add("the file of settings", file.toString(), "cannot be read: name a readable file");
      return;
    }
    try {
      flatten("", YAML.readTree(file.toFile()), file, problems);
    } catch (IOException e) {
      problems.add(file.toString(), "unreadable", e.getMessage() + ": mend the file or remove it");
    }
  }

  private void flatten(String path, JsonNode node, Path file, Problems problems) {
    if (SECTIONS.contains(path)) {
      sections.put(path, node);
      return;
    }
    if (node.isObject()) {
      node.properties()
          .forEach(field ->
              flatten(
                  path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                  field.getValue(),
                  file,
                  problems));
      return;
    }
    if (node.isMissingNode() || (node.isNull() && Setting.holds(path))) {
      return; // a key without a value, or a section without keys, says nothing
    }
    Setting.ofKey(path)
        .ifPresentOrElse(
            setting -> put(setting, node.asText(), path + " in " + file),
            () ->
                problems.add(
                    path + " in " + file,
                    SECRETIVE.matcher(path).find() ? Problems.HIDDEN : node.asText(),
                    "no such setting: penstock settings lists them"));
  }

  private void environment(Map<String, String> environment, Problems problems) {
    Map<String, String> ours = new HashMap<>();
    environment.entrySet().stream()
        .filter(variable -> !OtherName.ofAService(variable))
        .forEach(variable -> ours.put(variable.getKey(), variable.getValue().strip()));
    variables.putAll(ours);
    for (Setting setting : Setting.values()) {
      for (String name : setting.environment().reversed()) {
        String text = ours.getOrDefault(name, "");
        if (!text.isEmpty()) {
          put(setting, text, name);
        }
      }
      String path = ours.getOrDefault(setting.fileEnvironment(), "");
      if (setting.secret() && !path.isEmpty()) {
        secretFile(setting, path, problems);
      }
    }
    ours.keySet().stream()
        .filter(name -> name.startsWith("PENSTOCK_") && !known(name))
        .sorted()
        .forEach(
            name -> problems.add(name, "set", "no such setting: penstock settings lists them"));
  }

  private void secretFile(Setting setting, String path, Problems problems) {
    try {
      String text = Files.readString(Path.of(path)).strip();
      if (text.isEmpty()) {
        problems.add(setting.fileEnvironment(), path, "the file is empty: write the secret in it");
      }
      put(setting, text, setting.fileEnvironment());
    } catch (IOException | InvalidPathException e) {
      problems.add(setting.fileEnvironment(), path, "cannot be read: name a readable file");
    }
  }

  private static boolean known(String name) {
    return OtherName.known(name)
        || Arrays.stream(Setting.values())
            .anyMatch(setting ->
                setting.environment().contains(name)
                    || (setting.secret() && setting.fileEnvironment().equals(name)));
  }
}
