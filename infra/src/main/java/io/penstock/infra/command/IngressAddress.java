package io.penstock.infra.command;

import io.penstock.infra.config.OtherName;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which ingress is asked, and under which key: the options of every command that asks one. */
final class IngressAddress {
  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "the ingress (default: ${DEFAULT-VALUE})")
  private @Nullable String url;

  URI uri() {
    String given = String.valueOf(url);
    try {
      String whole = given.contains("://") ? given : "http://" + given;
      var uri = URI.create(whole.replaceAll("/+$", ""));
      if (uri.getHost() != null && Set.of("http", "https").contains(uri.getScheme())) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new CommandFailure("--url is \"" + given + "\": give one such as http://127.0.0.1:8080");
  }

  static Optional<String> key(Map<String, String> environment) {
    String key = environment.getOrDefault(OtherName.API_KEY.text(), "").strip();
    if (!key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new CommandFailure(
          OtherName.API_KEY.text() + " may hold visible ASCII characters only: copy it anew");
    }
    return key.isEmpty() ? Optional.empty() : Optional.of(key);
  }
}
