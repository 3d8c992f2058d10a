package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The batches of one provider API, which are remembered while the simulator runs. */
final class Batches {
  private final String prefix;
  private final BatchForm form;
  private final Provider provider;
  private final StoredFiles files;
  private final AtomicLong numbers = new AtomicLong();
  private final NavigableMap<String, Batch> byId = new ConcurrentSkipListMap<>();

  /**
   * @param prefix with which all ids begin
   * @param files where the results go
   */
  Batches(String prefix, BatchForm form, Provider provider, StoredFiles files) {
    this.prefix = prefix;
    this.form = form;
    this.provider = provider;
    this.files = files;
  }

  /** Begins a batch; it goes on by itself. */
  Batch start(StoredFile input, String endpoint, @Nullable JsonNode metadata) {
    String id = String.format(Locale.ROOT, "%s%015d", prefix, numbers.incrementAndGet());
    var order = new Batch.Order(input, endpoint, metadata, provider.now(), provider.batches.next());
    var batch = new Batch(id, order);
    byId.put(id, batch);
    var run = new BatchRun(batch, form, provider, files, provider.stats.batch(order.created()));
    Thread.ofVirtual().name("simulator-" + id).start(run);
    return batch;
  }

  /** All of them, by id. */
  NavigableMap<String, Batch> all() {
    return byId;
  }

  Batch find(String id) throws WrongRequestException {
    Batch batch = byId.get(id);
    if (batch == null) {
      throw new WrongRequestException(Refusal.notFound("No batch found with id '" + id + "'."));
    }
    return batch;
  }

  Batch cancel(String id) throws WrongRequestException {
    Batch batch = find(id);
    if (!batch.cancel(provider.now())) {
      String state = batch.standing().state().name().toLowerCase(Locale.ROOT);
      throw new WrongRequestException(
          new Refusal(
              Refusal.Kind.CONFLICT, "Cannot cancel a batch with status '" + state + "'.", null));
    }
    return batch;
  }

  void forget(Batch batch) {
    byId.remove(batch.id);
  }
}
