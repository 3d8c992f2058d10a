package io.penstock.workers.provider;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;

/**
 * The HTTP clients, which share all but their idle connections. A request sent on a connection that
 * the server has just closed may or may not have arrived, so idle connections must go before the
 * server closes them. Self-hosted servers (vLLM, llama-server) close after 5 s, and connecting to
 * them again costs next to nothing; hosted ones wait for minutes, and connecting to them is dear.
 */
final class Http implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5); // as the providers' SDKs do
  private static final int IDLE_CONNECTIONS = 256;
  private static final Duration IDLE_HOSTED = Duration.ofSeconds(55);

  /** How long connections to providers nearby are kept for the next call. */
  static final Duration IDLE_NEARBY = Duration.ofSeconds(2);

  private final OkHttpClient hosted;
  private final OkHttpClient nearby;

  Http(Duration idleNearby) {
    // Only a call as a whole is timed: a model may think for minutes before its first byte.
    hosted =
        new OkHttpClient.Builder()
            .dns(new HostNames(Dns.SYSTEM, CONNECT))
            .connectTimeout(CONNECT)
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ZERO)
            .followRedirects(false)
            .followSslRedirects(false)
            .connectionPool(pool(IDLE_HOSTED))
            .build();
    nearby = hosted.newBuilder().connectionPool(pool(idleNearby)).build();
  }

  private static ConnectionPool pool(Duration idle) {
    return new ConnectionPool(IDLE_CONNECTIONS, idle.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether a provider is one that costs next to nothing to connect to. */
  static boolean nearby(ProviderSettings settings) {
    return !HttpUrl.get(settings.baseUrl()).isHttps();
  }

  /** The client for calls of a provider. */
  OkHttpClient client(ProviderSettings settings) {
    Traits.Timeouts timeouts = settings.traits().timeouts();
    return (nearby(settings) ? nearby : hosted)
        .newBuilder()
        .connectTimeout(timeouts.connect())
        .readTimeout(timeouts.idle() == null ? Duration.ZERO : timeouts.idle())
        .build();
  }

  void cancelAll() {
    hosted.dispatcher().cancelAll();
  }

  @Override
  public void close() {
    cancelAll();
    hosted.dispatcher().executorService().shutdown();
    hosted.connectionPool().evictAll();
    nearby.connectionPool().evictAll();
  }
}
