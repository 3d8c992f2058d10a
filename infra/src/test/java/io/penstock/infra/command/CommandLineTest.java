package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

final class CommandLineTest {
  private static final int WRONG_SETTINGS = 2;
  private static final int FAILED = 1;
  private static final String NOBODY = "127.0.0.1:1";
  private static final Map<String, String> NOTHING = Map.of();

  @TempDir static Path dir;

  private record Ran(int exitCode, String out, String err) {}

  private static Ran run(Map<String, String> environment, String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine line =
        Penstock.commandLine(environment).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Ran(line.execute(arguments), out.toString(), err.toString());
  }

  static Stream<Arguments> mistakes() throws IOException {
    Path prices = Files.writeString(dir.resolve("prices.json"), "{\"version\": \"1\"}");
    Path wrong = Files.writeString(dir.resolve("wrong.yaml"), "topology:\n  threads: many\n");
    Path absent = dir.resolve("absent.yaml");
    return Stream.of(
        arguments(
            "up --default-model nonsense",
            NOTHING,
            "--default-model is \"nonsense\": no configured provider serves it"),
        arguments("up --prices " + prices, NOTHING, "--prices is \"" + prices + "\""),
        arguments("simulator --prices " + prices, NOTHING, "--prices is \"" + prices + "\""),
        arguments(
            "up", Map.of("OPENAI_API_KEY", "sk-\u201cquoted"), "OPENAI_API_KEY is \"(hidden)\""),
        arguments(
            "up", Map.of("ANTHROPIC_API_KEY", "two words"), "ANTHROPIC_API_KEY is \"(hidden)\""),
        arguments(
            "up --openai-base-url http://127.0.0.1:1/v1?x=1",
            NOTHING,
            "--openai-base-url is \"http://127.0.0.1:1/v1?x=1\""),
        arguments(
            "topology --registry-user me:sesame",
            NOTHING,
            "--registry-user is \"me:…\": a user name has no colon"),
        arguments(
            "topology --registry http://a:x@127.0.0.1:1,http://b:y@127.0.0.1:2",
            NOTHING,
            "the schema registry URLs name different users"),
        arguments("topology --registry-truststore " + prices, NOTHING, "cannot use " + prices),
        arguments(
            "up --config " + absent,
            NOTHING,
            "the file of settings is \"" + absent + "\": cannot be read: name"),
        arguments(
            "up",
            Map.of("PENSTOCK_CONFIG", absent.toString()),
            "the file of settings is \"" + absent + "\": cannot be read: name"),
        arguments(
            "up --config " + wrong,
            Map.of("PENSTOCK_CONFIG", absent.toString()),
            "topology.threads in " + wrong + " is \"many\""),
        arguments(
            "up",
            Map.of("PENSTOCK_CONFIG", wrong.toString()),
            "topology.threads in " + wrong + " is \"many\""),
        arguments("up --threads none", NOTHING, "--threads is \"none\": give a whole number"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aWrongSettingIsOneLineWithItsRemedyBeforeAnythingStarts(
      String line, Map<String, String> environment, String told) {
    Path data = dir.resolve("data");
    var arguments = new ArrayList<>(List.of(line.split(" ")));
    if (!line.startsWith("simulator")) {
      arguments.addAll(List.of("--data-dir", data.toString()));
    }
    Ran ran = run(environment, arguments.toArray(String[]::new));
    assertThat(ran.exitCode()).isEqualTo(WRONG_SETTINGS);
    assertThat(ran.err()).startsWith("penstock: ").contains(told).hasLineCount(1);
    assertThat(ran.err()).doesNotContain("sesame").doesNotContain("quoted").doesNotContain("words");
    assertThat(data).doesNotExist();
  }

  @Test
  void brokersThatNobodyCanReachByNameAreToldWithTheirFlag() {
    Ran ran = run(NOTHING, "topics", "create", "--kafka", "no-port");
    assertThat(ran.exitCode()).isEqualTo(FAILED);
    assertThat(ran.err()).startsWith("penstock: Kafka cannot be used (").hasLineCount(1);
    assertThat(ran.err()).contains("bootstrap").contains("--kafka");
  }

  @Test
  void aBusySimulatorPortIsToldWithItsFlag() throws IOException {
    try (var somebody = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Ran ran = run(NOTHING, "simulator", "--port", Integer.toString(somebody.getLocalPort()));
      assertThat(ran.exitCode()).isEqualTo(FAILED);
      assertThat(ran.err()).contains("--simulator-port").hasLineCount(1);
    }
  }

  @Test
  void sendingWhereNothingListensSaysWhatToStart() throws IOException {
    Ran one = run(NOTHING, "send", "hello", "--url", NOBODY);
    assertThat(one.exitCode()).isEqualTo(FAILED);
    assertThat(one.err())
        .startsWith("penstock: nothing answers at http://" + NOBODY)
        .contains("start ./penstock up, or give --url");

    Path file = Files.writeString(dir.resolve("prompts.txt"), "hello\nworld\n");
    Ran many = run(NOTHING, "send", "--file", file.toString(), "--url", "http://" + NOBODY);
    assertThat(many.exitCode()).isEqualTo(FAILED);
    assertThat(many.out()).contains("failed: no_connection", "start ./penstock up");
  }

  @Test
  void costsWhereNothingListensSayWhatToStart() throws IOException {
    Ran ran = run(NOTHING, "costs", "--url", NOBODY);
    assertThat(ran.exitCode()).isEqualTo(FAILED);
    assertThat(ran.err())
        .startsWith("penstock: nothing answers at http://" + NOBODY)
        .contains("start ./penstock up, or give --url")
        .hasLineCount(1);
  }

  @Test
  void aUrlThatIsNoneIsNamed() {
    Ran ran = run(NOTHING, "send", "hello", "--url", "ftp://somewhere");
    assertThat(ran.err()).contains("--url is \"ftp://somewhere\": give one such as http://");
    assertThat(ran.err()).hasLineCount(1);
  }

  @Test
  void aKeyThatCannotBeSentIsNotPrinted() {
    Ran ran = run(Map.of("PENSTOCK_API_KEY", "two words"), "send", "hello");
    assertThat(ran.err()).contains("PENSTOCK_API_KEY").doesNotContain("two words").hasLineCount(1);
  }

  @Test
  void everyCommandHelps() {
    List<List<String>> commands = new ArrayList<>();
    collect(List.of(), Penstock.commandLine(NOTHING), commands);
    assertThat(commands).hasSizeGreaterThan(10);
    for (List<String> command : commands) {
      var arguments = new ArrayList<>(command);
      arguments.add("--help");
      Ran ran = run(NOTHING, arguments.toArray(String[]::new));
      assertThat(ran.exitCode()).as("%s", arguments).isZero();
      assertThat(ran.out()).as("%s", arguments).contains("Usage: penstock");
    }
  }

  private static void collect(List<String> path, CommandLine line, List<List<String>> into) {
    into.add(path);
    line.getSubcommands()
        .forEach((name, sub) -> {
          if (!name.equals("help")) {
            collect(Stream.concat(path.stream(), Stream.of(name)).toList(), sub, into);
          }
        });
  }

  @Test
  void theSettingsListNamesWhatIsNoSettingToo() {
    assertThat(run(NOTHING, "settings").out())
        .contains("--http-port", "PENSTOCK_API_KEYS", "PENSTOCK_LIBRARY_LOG", "PENSTOCK_AOT");
  }
}
