package io.penstock.schemas.registry;

import io.penstock.schemas.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom to trust and who to be on HTTPS.
 *
 * @param trust certificates of the authorities to trust; those of the JVM when null
 * @param identity our own certificate with its key, for registries that ask for one
 */
public record TlsSettings(@Nullable Store trust, @Nullable Store identity) {

  /** A PKCS#12 or JKS file. */
  public record Store(Path file, Secret password) {}

  X509TrustManager trustManager() {
    try {
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trust == null ? null : load(trust));
      return Stream.of(factory.getTrustManagers())
          .filter(X509TrustManager.class::isInstance)
          .map(X509TrustManager.class::cast)
          .findFirst()
          .orElseThrow();
    } catch (GeneralSecurityException e) {
      throw unusable(trust, e);
    }
  }

  SSLContext context(X509TrustManager trustManager) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(keyManagers(), new X509TrustManager[] {trustManager}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw unusable(identity, e);
    }
  }

  private KeyManager[] keyManagers() throws GeneralSecurityException {
    if (identity == null) {
      return new KeyManager[0];
    }
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(load(identity), identity.password().value().toCharArray());
    return factory.getKeyManagers();
  }

  private static KeyStore load(Store store) throws GeneralSecurityException {
    try {
      return KeyStore.getInstance(store.file().toFile(), store.password().value().toCharArray());
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(store, e);
    }
  }

  private static IllegalArgumentException unusable(@Nullable Store store, Exception cause) {
    String file = store == null ? "the JVM's trust store" : store.file().toString();
    return new IllegalArgumentException(
        "cannot use "
            + file
            + " ("
            + cause.getMessage()
            + "); give a PKCS#12 or JKS file and its password",
        cause);
  }
}
