package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import java.nio.file.Path;
import java.util.Map;

/** How {@code ./penstock up} is configured in tests. */
final class TestingUp {
  private TestingUp() {}

  /** On ports of its own, with a quick simulator as its provider. */
  static Configuration quick(Path directory) {
    return Configuration.fixed(
        Map.of(
            Setting.DATA_DIR, directory.resolve("data").toString(),
            Setting.HTTP_PORT, "0",
            Setting.KAFKA_PORT, "0",
            Setting.REGISTRY_PORT, "0",
            Setting.SIMULATOR_PORT, "0",
            Setting.SIMULATOR_FIRST_TOKEN, "5ms",
            Setting.SIMULATOR_PER_TOKEN, "0ms",
            // A provider's hours are seconds here.
            Setting.JOBS_IDLE, "500ms",
            Setting.JOBS_FIRST_POLL, "500ms",
            Setting.JOBS_LONGEST_POLL, "1s"));
  }
}
