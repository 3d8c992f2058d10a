package io.penstock.workers.provider;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.Dns;

/**
 * Looks up host names away from the callers' threads. A look-up blocks inside the system's library,
 * so on a virtual thread it would hold up its carrier, and with a few of them everyone's calls. Who
 * asks for a name that is being looked up waits for the same answer.
 *
 * @param patience after which a name counts as unknown
 */
record HostNames(
    Dns system, Duration patience, Map<String, CompletableFuture<List<InetAddress>>> underWay)
    implements Dns {

  HostNames(Dns system, Duration patience) {
    this(system, patience, new ConcurrentHashMap<>());
  }

  @Override
  public List<InetAddress> lookup(String host) throws UnknownHostException {
    var answer = underWay.computeIfAbsent(host, this::ask);
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw unknown(host, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unknown(host, e);
    } finally {
      if (answer.isDone()) {
        underWay.remove(host, answer);
      }
    }
  }

  private CompletableFuture<List<InetAddress>> ask(String host) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return system.lookup(host);
          } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
          }
        },
        question -> Thread.ofPlatform().daemon().name("host-name").start(question));
  }

  private static UnknownHostException unknown(String host, Exception cause) {
    var unknown = new UnknownHostException(host);
    unknown.initCause(cause);
    return unknown;
  }
}
