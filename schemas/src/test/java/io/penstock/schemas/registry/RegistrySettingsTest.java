package io.penstock.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.Secret;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrySettingsTest {

  @Test
  void severalUrlsAreSeparatedByCommasAndKeepTheirPath() {
    assertThat(RegistrySettings.of("http://a:8081, https://b/apis/ccompat/v7").urls())
        .containsExactly(URI.create("http://a:8081/"), URI.create("https://b/apis/ccompat/v7"));
  }

  @Test
  void theUserIsTakenOutOfTheUrl() {
    var settings = RegistrySettings.of("http://ann:secret@a:8081,http://b:8081");
    assertThat(settings.urls()).doesNotContain(URI.create("http://ann:secret@a:8081/"));
    assertThat(settings.credentials()).isEqualTo(new Credentials("ann", new Secret("secret")));
  }

  @Test
  void noPasswordIsEverPrinted() {
    assertThat(RegistrySettings.of("http://ann:hush@a:8081").toString())
        .contains("ann")
        .doesNotContain("hush");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://ann:hush@a", "http://ann:hush@a b", "http://ann:hush/@a"})
  void noPasswordIsPrintedInARefusalEither(String url) {
    assertThatThrownBy(() -> RegistrySettings.of(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must look like http://host:8081")
        .hasMessageNotContaining("hush");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " , ", "localhost:8081", "ftp://a", "http://a:1:2", "http://a b"})
  void whatIsNoUrlIsRefused(String urls) {
    assertThatThrownBy(() -> RegistrySettings.of(urls))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void twoUsersAreRefused() {
    assertThatThrownBy(() -> RegistrySettings.of("http://ann:x@a:8081,http://bob:y@b:8081"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one user for all");
  }
}
