package io.penstock.ingress.batches;

import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.BatchCancelled;
import io.penstock.schemas.avro.BatchEvent;
import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.BatchProgress;
import io.penstock.schemas.avro.FileDeleted;
import io.penstock.schemas.avro.StoredFile;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Files and batches by their ids. The end of a batch stands: what somebody says of it afterwards
 * who does not know yet that another has taken over is passed over. One thread at a time.
 */
final class Catalogue {
  private final InstantSource clock;
  private final Map<String, StoredFile> files = new HashMap<>();
  private final Map<String, Instant> deleted = new HashMap<>();
  private final Map<String, BatchOrder> orders = new HashMap<>();
  private final Map<String, BatchProgress> progress = new HashMap<>();
  private final Map<String, Instant> cancelled = new HashMap<>();
  private final Set<String> unfinished = new HashSet<>();

  Catalogue(InstantSource clock) {
    this.clock = clock;
  }

  void clear() {
    files.clear();
    deleted.clear();
    orders.clear();
    progress.clear();
    cancelled.clear();
    unfinished.clear();
  }

  /** Whether an event says something that is not settled already. */
  boolean mayTake(BatchEvent event) {
    return !(event.getEvent() instanceof BatchProgress its) || !over(its.getId());
  }

  /** In any order, and again. */
  void take(BatchEvent event) {
    switch (event.getEvent()) {
      case StoredFile file -> take(file);
      case FileDeleted file -> {
        deleted.put(file.getId(), file.getDeletedAt());
        files.remove(file.getId());
      }
      case BatchOrder order -> {
        orders.put(order.getId(), order);
        mark(order.getId());
      }
      case BatchCancelled its -> cancelled.putIfAbsent(its.getId(), its.getCancelledAt());
      case BatchProgress its when over(its.getId()) -> {}
      case BatchProgress its -> {
        progress.put(its.getId(), its);
        take(its.getOutput());
        take(its.getErrors());
        mark(its.getId());
      }
      default -> throw new IllegalArgumentException("nothing of a batch: " + event.getEvent());
    }
  }

  private void take(@Nullable StoredFile file) {
    if (file != null && !deleted.containsKey(file.getId())) {
      files.put(file.getId(), file);
    }
  }

  private void mark(String batch) {
    if (over(batch)) {
      unfinished.remove(batch);
    } else if (orders.containsKey(batch)) {
      unfinished.add(batch);
    }
  }

  private boolean over(String batch) {
    BatchProgress known = progress.get(batch);
    return known != null && Batch.over(known.getStage());
  }

  Optional<StoredFile> file(String id) {
    return Optional.ofNullable(files.get(id))
        .filter(file -> clock.instant().isBefore(file.getExpiresAt()));
  }

  List<StoredFile> files(Predicate<StoredFile> wanted) {
    Instant now = clock.instant();
    return files.values().stream()
        .filter(file -> now.isBefore(file.getExpiresAt()))
        .filter(wanted)
        .sorted(
            Comparator.comparing(StoredFile::getCreatedAt)
                .thenComparing(StoredFile::getId)
                .reversed())
        .toList();
  }

  Optional<Batch> batch(String id) {
    return Optional.ofNullable(orders.get(id)).map(this::batch);
  }

  List<Batch> batches(Predicate<Batch> wanted) {
    return orders.values().stream()
        .map(this::batch)
        .filter(wanted)
        .sorted(
            Comparator.<Batch, Instant>comparing(batch -> batch.order().getCreatedAt())
                .thenComparing(batch -> batch.order().getId())
                .reversed())
        .toList();
  }

  List<Batch> unfinished() {
    return unfinished.stream().map(orders::get).map(this::batch).toList();
  }

  private Batch batch(BatchOrder order) {
    String id = order.getId();
    return new Batch(order, progress.get(id), cancelled.get(id));
  }

  /** The log has forgotten it, too. */
  void forgetOld() {
    Instant oldest = clock.instant().minus(Topics.FILES_KEPT);
    files.values().removeIf(file -> file.getCreatedAt().isBefore(oldest));
    deleted.values().removeIf(at -> at.isBefore(oldest));
    orders.values().removeIf(order -> order.getCreatedAt().isBefore(oldest));
    cancelled.keySet().retainAll(orders.keySet());
    progress.keySet().retainAll(orders.keySet());
    unfinished.retainAll(orders.keySet());
  }
}
