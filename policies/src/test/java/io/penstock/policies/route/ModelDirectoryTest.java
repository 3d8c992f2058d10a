package io.penstock.policies.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.Candidate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelDirectoryTest {
  private static final ModelDirectory MODELS =
      new ModelDirectory(
          Map.of("gpt-5-mini", "openai", "claude-haiku-4-5", "anthropic"), "claude-haiku-4-5");

  @Test
  void aNamedModelIsServedByItsProvider() {
    assertThat(MODELS.plan("gpt-5-mini")).contains(List.of(new Candidate("openai", "gpt-5-mini")));
  }

  @Test
  void autoIsTheDefaultModel() {
    assertThat(MODELS.plan(ModelDirectory.AUTO))
        .contains(List.of(new Candidate("anthropic", "claude-haiku-4-5")));
    assertThat(MODELS.resolve(ModelDirectory.AUTO)).isEqualTo("claude-haiku-4-5");
    assertThat(MODELS.knows(ModelDirectory.AUTO)).isTrue();
  }

  @Test
  void aModelThatNobodyServesHasNoPlan() {
    assertThat(MODELS.knows("gpt-0")).isFalse();
    assertThat(MODELS.plan("gpt-0")).isEmpty();
    assertThat(MODELS.resolve("gpt-0")).isEqualTo("gpt-0");
  }

  @Test
  void aDefaultThatNobodyServesIsRefusedByName() {
    assertThatThrownBy(() -> new ModelDirectory(Map.of("gpt-5-mini", "openai"), "gpt-0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gpt-0");
  }

  @Test
  void theDirectoryDoesNotChangeUnderItsReaders() {
    var models = new HashMap<>(Map.of("gpt-5-mini", "openai"));
    var directory = new ModelDirectory(models, "gpt-5-mini");

    models.put("gpt-0", "openai");

    assertThat(directory.knows("gpt-0")).isFalse();
  }
}
