package io.penstock.infra.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.ConfigurationException;
import io.penstock.infra.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataHomeTest {
  @TempDir Path dir;

  @Test
  void anEngineRefusesADirectoryOfSomebodyElsesAndLeavesItAsItIs() throws IOException {
    Files.writeString(dir.resolve("letter.txt"), "Dear");
    Configuration configuration =
        Configuration.fixed(
            Map.of(
                Setting.DATA_DIR, dir.toString(),
                Setting.KAFKA_PORT, "0",
                Setting.REGISTRY_PORT, "0",
                Setting.SIMULATOR_PORT, "0"));
    try (var closing = new Closing()) {
      assertThatThrownBy(() -> Engines.embedded(configuration, closing))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("--data-dir is \"" + dir + "\": it holds letter.txt")
          .hasMessageEndingWith("choose an empty or a new one");
    }
    assertThat(dir.toFile().list()).containsExactly("letter.txt");
  }

  @Test
  void theLogDirectoryOfAStockKafkaIsRefused() throws IOException {
    Files.writeString(dir.resolve("meta.properties"), "version=1\n");
    assertThatThrownBy(() -> DataHome.at(dir)).hasMessageContaining("it holds meta.properties");
  }

  @Test
  void aDirectoryOfAVersionWithoutMarkerIsTakenOver() throws IOException {
    Files.createDirectories(dir.resolve("kafka"));
    Files.createDirectories(dir.resolve("topology"));
    Files.createDirectories(dir.resolve("ingress-8080"));
    assertThat(DataHome.at(dir).kafka()).isEqualTo(dir.resolve("kafka"));
    Files.createDirectories(dir.resolve("notes")); // ours now, whatever people put there
    assertThat(DataHome.at(dir).path()).isEqualTo(dir);
  }

  @Test
  void aNewVolumeIsTaken() throws IOException {
    Files.createDirectories(dir.resolve("lost+found"));
    assertThat(DataHome.at(dir).ingress(8080)).isEqualTo(dir.resolve("ingress-8080"));
  }

  @Test
  void aDirectoryThatCannotBeMadeIsToldWithItsRemedy() throws IOException {
    Path file = Files.createFile(dir.resolve("file"));
    assertThatThrownBy(() -> DataHome.at(file.resolve("data")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("choose another one");
  }
}
