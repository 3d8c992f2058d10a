package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.infra.config.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainCommandTest {
  @TempDir Path dir;

  @Test
  void trainingCallsNoRealProviderAndNeedsNoKeyWhateverTheFileSays() throws IOException {
    Path file = Path.of("penstock.yaml");
    Files.writeString(file, "openai:\n  base-url: http://127.0.0.1:1/v1\nmodels:\n  default: x\n");
    try {
      assertThat(Configuration.load(Map.of(), Map.of()).models().real()).isTrue();
      Configuration training = TrainCommand.configuration(dir);
      assertThat(training.models().real()).isFalse();
      assertThat(training.models().defaultModel()).isEmpty();
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void trainingIsNotHandedTheEnvironment() {
    assertThat(TrainCommand.class.getDeclaredConstructors())
        .singleElement()
        .satisfies(constructor -> assertThat(constructor.getParameterCount()).isZero());
  }
}
