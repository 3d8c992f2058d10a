package io.penstock.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.Secret;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.SSLHandshakeException;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Headers;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS with an authority of one's own, on a registry that asks its clients who they are. */
class RegistryTlsTest {
  private static final Schema ORDER =
      SchemaBuilder.record("Order").namespace("test").fields().requiredString("id").endRecord();
  private static final Secret PASSWORD = new Secret("changeit");

  private final HeldCertificate authority =
      new HeldCertificate.Builder().certificateAuthority(0).build();
  private final HeldCertificate server =
      new HeldCertificate.Builder()
          .addSubjectAlternativeName("127.0.0.1")
          .signedBy(authority)
          .build();
  private final HeldCertificate ours = new HeldCertificate.Builder().signedBy(authority).build();
  private final MockWebServer registry = new MockWebServer();

  @TempDir Path directory;

  @BeforeEach
  void start() throws Exception {
    var certificates =
        new HandshakeCertificates.Builder()
            .heldCertificate(server)
            .addTrustedCertificate(authority.certificate())
            .build();
    registry.useHttps(certificates.sslSocketFactory());
    registry.requireClientAuth();
    registry.start(InetAddress.ofLiteral("127.0.0.1"), 0);
    registry.enqueue(new MockResponse(200, Headers.of(), "{\"id\": 3}"));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void aTrustedRegistryKnowsUsByOurCertificate() throws Exception {
    try (var client = client(new TlsSettings(trust(), identity()))) {
      assertThat(client.register("orders-value", ORDER)).isEqualTo(3);
    }
  }

  @Test
  void withoutOurCertificateNobodyAnswers() throws Exception {
    try (var client = client(new TlsSettings(trust(), null))) {
      assertThatThrownBy(() -> client.register("orders-value", ORDER))
          .isInstanceOf(RegistryException.Unavailable.class);
    }
  }

  @Test
  void aRegistryWeDoNotTrustIsNotSpokenTo() throws Exception {
    try (var client = client(new TlsSettings(null, identity()))) {
      assertThatThrownBy(() -> client.register("orders-value", ORDER))
          .isInstanceOf(RegistryException.Unavailable.class)
          .hasCauseInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void aStoreThatCannotBeReadIsNamedWithTheRemedy() throws Exception {
    var file = Files.writeString(directory.resolve("trust.p12"), "not a key store");
    var tls = new TlsSettings(new TlsSettings.Store(file, PASSWORD), null);
    assertThatThrownBy(() -> client(tls))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("trust.p12")
        .hasMessageContaining("PKCS#12")
        .hasMessageNotContaining(PASSWORD.value());
  }

  private HttpSchemaRegistry client(@Nullable TlsSettings tls) {
    return new HttpSchemaRegistry(
        RegistrySettings.of("https://127.0.0.1:" + registry.getPort(), null, tls));
  }

  private TlsSettings.Store trust() throws Exception {
    var store = empty();
    store.setCertificateEntry("authority", authority.certificate());
    return save(store, "trust.p12");
  }

  private TlsSettings.Store identity() throws Exception {
    var store = empty();
    store.setKeyEntry(
        "ours",
        ours.keyPair().getPrivate(),
        PASSWORD.value().toCharArray(),
        new Certificate[] {ours.certificate(), authority.certificate()});
    return save(store, "identity.p12");
  }

  private static KeyStore empty() throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private TlsSettings.Store save(KeyStore store, String name) throws Exception {
    Path file = directory.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, PASSWORD.value().toCharArray());
    }
    return new TlsSettings.Store(file, PASSWORD);
  }
}
