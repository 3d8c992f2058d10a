package io.penstock.infra.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.Lane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigurationTest {
  @TempDir Path dir;

  @Test
  void everySettingHasADefaultThatIsAcceptedOrMayBeAbsent() {
    Configuration defaults = Configuration.load(null, Map.of(), Map.of());
    assertThat(defaults.http()).isEqualTo(new Configuration.Http("127.0.0.1", 8080));
    assertThat(defaults.models().real()).isFalse();
    assertThat(defaults.topology().deadlines()).containsEntry(Lane.EXPRESS, Duration.ofSeconds(30));
  }

  @Test
  void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws IOException {
    Path file = file("http:\n  port: 1001\n  host: 0.0.0.0\nkafka:\n  port: 1001\n");
    Configuration read =
        Configuration.load(
            file,
            Map.of("PENSTOCK_HTTP_PORT", "1002", "PENSTOCK_KAFKA_PORT", "1002"),
            Map.of(Setting.HTTP_PORT, "1003"));
    assertThat(read.http()).isEqualTo(new Configuration.Http("0.0.0.0", 1003));
    assertThat(read.kafka().embeddedPort()).isEqualTo(1002);
  }

  @Test
  void allProblemsAreToldAtOnceWithPlaceValueAndRemedy() throws IOException {
    Path file = file("http:\n  prot: 80\ntopology:\n  threads: none\n");
    assertThatThrownBy(() ->
            Configuration.load(
                file,
                Map.of("PENSTOCK_KAFKA_PORT", "99999", "PENSTOCK_HTPP_PORT", "1"),
                Map.of(Setting.CACHE_TTL, "soon")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("http.prot in " + file + " is \"80\": no such setting")
        .hasMessageContaining("PENSTOCK_HTPP_PORT is \"set\": no such setting")
        .hasMessageContaining("PENSTOCK_KAFKA_PORT is \"99999\": give a whole number from 0 to")
        .hasMessageContaining("topology.threads in " + file + " is \"none\"")
        .hasMessageContaining("--cache-ttl is \"soon\": give a duration such as");
  }

  @Test
  void secretsComeFromTheEnvironmentOrANamedFileAndAreNeverPrinted() throws IOException {
    Path key = Files.writeString(dir.resolve("key"), "sk-from-file\n");
    Configuration read =
        Configuration.load(
            null,
            Map.of(
                "OPENAI_API_KEY_FILE",
                key.toString(),
                "ANTHROPIC_API_KEY",
                "sk-from-env",
                "PENSTOCK_API_KEYS",
                "k1=a,k2=b"),
            Map.of());
    assertThat(read.models().openai().orElseThrow().key().orElseThrow().value())
        .isEqualTo("sk-from-file");
    assertThat(read.apiKeys()).hasSize(2).containsValue("a");
    assertThat(read.toString()).doesNotContain("sk-from").doesNotContain("k1");
  }

  @Test
  void noSecretCanBeGivenInAFileUnderVersionControlOrAFlag() {
    assertThat(Arrays.stream(Setting.values()).filter(Setting::secret))
        .isNotEmpty()
        .allSatisfy(setting -> assertThat(setting.flag()).isEmpty());
  }

  @Test
  void aWrongSecretIsNotQuoted() {
    assertThatThrownBy(
            () -> Configuration.load(null, Map.of("PENSTOCK_API_KEYS", "sk-lonely"), Map.of()))
        .hasMessageContaining("write key=tenant")
        .hasMessageNotContaining("sk-lonely");
  }

  @Test
  void theUsualNamesOfOthersWork() {
    Configuration read =
        Configuration.load(
            null,
            Map.of(
                "KAFKA_BOOTSTRAP_SERVERS", "k:1",
                "SCHEMA_REGISTRY_URL", "http://r:1,http://r:2/base",
                "OPENAI_BASE_URL", "http://127.0.0.1:18081/v1"),
            Map.of());
    assertThat(read.kafka().bootstrapServers()).isEqualTo("k:1");
    assertThat(read.registry().urls()).hasSize(2);
    assertThat(read.models().openai().orElseThrow().own()).isTrue();
  }

  @Test
  void keysFlagsAndEnvironmentNamesAreUnique() {
    assertThat(Arrays.stream(Setting.values()).flatMap(s -> s.flag().stream()))
        .doesNotHaveDuplicates();
    assertThat(Arrays.stream(Setting.values()).flatMap(s -> s.key().stream()))
        .doesNotHaveDuplicates();
    List<String> names =
        Arrays.stream(Setting.values()).flatMap(s -> s.environment().stream()).toList();
    assertThat(names).doesNotHaveDuplicates();
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(dir.resolve("penstock.yaml"), yaml);
  }
}
