package io.penstock.client;

import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for which response. Any number may wait for one id and share its response; whoever
 * stops waiting, for whatever reason, is forgotten at once. A response nobody waits for, such as a
 * duplicate, is dropped. Safe for use by any thread.
 */
final class Waiters {
  // A set is only touched inside compute() of its id, which is atomic, or once it is removed.
  private final ConcurrentHashMap<String, Set<Waiter>> byId = new ConcurrentHashMap<>();

  /** Somebody waiting for the response to a request with this fingerprint, when it is known. */
  private static final class Waiter extends CompletableFuture<InferenceResponse> {
    private final String tenant;
    private final @Nullable String fingerprint;

    private Waiter(String tenant, @Nullable String fingerprint) {
      this.tenant = tenant;
      this.fingerprint = fingerprint;
    }

    /**
     * Producers choose ids as they like, so that an id may be another tenant's as well. And two
     * requests with different texts may race under one idempotency key, and so under one id, from
     * two instances that share a partition. One of them is rejected: that is not the other's
     * response.
     */
    private boolean isFor(InferenceResponse response) {
      return tenant.equals(response.getTenant())
          && (response.getStatus() != Status.REJECTED
              || fingerprint == null
              || response.getFingerprint() == null
              || fingerprint.equals(response.getFingerprint()));
    }
  }

  CompletableFuture<InferenceResponse> add(String id, String tenant, @Nullable String fingerprint) {
    var waiter = new Waiter(tenant, fingerprint);
    byId.compute(
        id,
        (key, present) -> {
          Set<Waiter> waiting = present == null ? new HashSet<>(2) : present;
          waiting.add(waiter);
          return waiting;
        });
    var _ = waiter.whenComplete((_, _) -> remove(id, waiter));
    return waiter;
  }

  boolean anyFor(String id) {
    return byId.containsKey(id);
  }

  void deliver(InferenceResponse response) {
    var served = new ArrayList<Waiter>(1);
    byId.computeIfPresent(
        response.getId(),
        (id, waiting) -> {
          waiting.removeIf(waiter -> waiter.isFor(response) && served.add(waiter));
          return waiting.isEmpty() ? null : waiting;
        });
    served.forEach(waiter -> waiter.complete(response));
  }

  void failAll(ClientException reason) {
    for (String id : List.copyOf(byId.keySet())) {
      Set<Waiter> waiting = byId.remove(id);
      if (waiting != null) {
        waiting.forEach(waiter -> waiter.completeExceptionally(reason));
      }
    }
  }

  /** How many ids are waited for. */
  int size() {
    return byId.size();
  }

  private void remove(String id, Waiter waiter) {
    byId.computeIfPresent(
        id,
        (key, waiting) -> {
          waiting.remove(waiter);
          return waiting.isEmpty() ? null : waiting;
        });
  }
}
