package io.penstock.schemas.registry;

import io.penstock.schemas.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Where the schema registry is and how to talk to it. A URL may carry {@code user:password@}, which
 * is taken out of it; {@link #toString()} shows no password. What cannot work is an {@link
 * IllegalArgumentException}.
 *
 * @param urls the same registry's instances, in order of preference; a path is kept
 * @param credentials for all of them, or null for none
 * @param tls for HTTPS with certificates of one's own, or null for the JVM's
 * @param connectTimeout per URL
 * @param readTimeout per URL
 */
public record RegistrySettings(
    List<URI> urls,
    @Nullable Credentials credentials,
    @Nullable TlsSettings tls,
    Duration connectTimeout,
    Duration readTimeout) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);

  public RegistrySettings {
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("at least one schema registry URL is needed");
    }
    if (!connectTimeout.isPositive() || !readTimeout.isPositive()) {
      throw new IllegalArgumentException("timeouts must be positive");
    }
    var bare = new ArrayList<URI>();
    for (URI url : urls) {
      HttpUrl parsed = HttpUrl.get(url);
      if (parsed == null) {
        throw notAUrl(url.toString());
      }
      credentials = agreed(credentials, parsed);
      bare.add(parsed.newBuilder().username("").password("").build().uri());
    }
    urls = List.copyOf(bare);
  }

  /**
   * Settings with usual timeouts.
   *
   * @param urls separated by commas
   */
  public static RegistrySettings of(
      String urls, @Nullable Credentials credentials, @Nullable TlsSettings tls) {
    List<URI> parsed =
        Stream.of(urls.split(",", -1))
            .map(String::strip)
            .filter(url -> !url.isEmpty())
            .map(RegistrySettings::parse)
            .toList();
    return new RegistrySettings(parsed, credentials, tls, CONNECT_TIMEOUT, READ_TIMEOUT);
  }

  /** As {@link #of(String, Credentials, TlsSettings)}, with the user in the URLs, if any. */
  public static RegistrySettings of(String urls) {
    return of(urls, null, null);
  }

  private static @Nullable Credentials agreed(@Nullable Credentials known, HttpUrl url) {
    if (url.username().isEmpty()) {
      return known;
    }
    var inUrl = new Credentials(url.username(), new Secret(url.password()));
    if (known != null && !known.equals(inUrl)) {
      throw new IllegalArgumentException(
          "the schema registry URLs name different users; give one user for all");
    }
    return inUrl;
  }

  private static URI parse(String text) {
    HttpUrl url = HttpUrl.parse(text);
    if (url == null) {
      throw notAUrl(text);
    }
    return url.uri();
  }

  private static IllegalArgumentException notAUrl(String text) {
    String shown = text.contains("@") ? "(not shown, it may hold a password)" : text;
    return new IllegalArgumentException(
        "schema registry URL " + shown + " must look like http://host:8081");
  }
}
