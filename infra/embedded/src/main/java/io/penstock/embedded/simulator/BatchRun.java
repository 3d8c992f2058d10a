package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Works on one batch, from its validation to its end, on a thread of its own. */
final class BatchRun implements Runnable {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final int PREFIXES = 65_536;
  private static final Duration PREFIXES_KEPT = Duration.ofHours(1);

  private final long start = System.nanoTime();
  private final Batch batch;
  private final BatchTurns.Turn turn;
  private final BatchForm form;
  private final Dialect dialect;
  private final Provider provider;
  private final StoredFiles files;
  private final Stats.CountedBatch counted;

  /** The batch's own: its items share prefixes with one another and with nobody else. */
  private final PrefixCaching prefixes = new PrefixCaching(PREFIXES, PREFIXES_KEPT);

  /** How the wait for an item ended. */
  private enum Waited {
    IN_TIME,
    TOO_LATE,
    CANCELLED,
    CLOSED
  }

  BatchRun(
      Batch batch,
      BatchForm form,
      Provider provider,
      StoredFiles files,
      Stats.CountedBatch counted) {
    this.batch = batch;
    this.turn = batch.order.turn();
    this.form = form;
    this.dialect = form.dialect(batch);
    this.provider = provider;
    this.files = files;
    this.counted = counted;
  }

  @Override
  public void run() {
    try (var input = new BatchInput(batch.order.input().path())) {
      BatchForm.Found found = form.find(input, batch, provider.prices);
      if (found.problems().isEmpty()) {
        work(input, shuffled(found.items()));
      } else {
        refuse(found.problems());
      }
    } catch (IOException e) {
      if (!provider.isClosing()) {
        refuse(List.of(new Batch.Problem("server_error", null, e.toString(), null)));
      }
    }
  }

  private void refuse(List<Batch.Problem> problems) {
    counted.ended(Batch.State.FAILED);
    batch.refused(problems, provider.now());
  }

  private List<BatchInput.Item> shuffled(List<BatchInput.Item> items) {
    List<BatchInput.Item> shuffled = new ArrayList<>(items);
    Collections.shuffle(shuffled, new Random(turn.random(0)));
    return shuffled;
  }

  private void work(BatchInput input, List<BatchInput.Item> items) throws IOException {
    batch.begun(items.size(), provider.now());
    int answered = turn.expires() ? turn.plan().answeredOf(items.size()) : items.size();
    try (StoredFiles.Draft output = files.draft();
        StoredFiles.Draft errors = files.draft()) {
      Waited waited = Waited.IN_TIME;
      for (int n = 0; n < items.size(); n++) {
        BatchInput.Item item = items.get(n);
        if (waited == Waited.IN_TIME) {
          waited = n < answered ? await(n) : Waited.TOO_LATE;
        }
        ItemEnding ending =
            switch (waited) {
              case IN_TIME -> serve(item, input.read(item));
              case TOO_LATE -> new ItemEnding.Expired();
              case CANCELLED -> new ItemEnding.Cancelled();
              case CLOSED -> throw new IOException("the simulator stops");
            };
        byte[] line = form.line(item, ending, dialect, id(item));
        (form.isApart(ending) ? errors : output).write(line);
        count(item, ending);
      }
      end(waited, output, errors);
    }
  }

  /** Every item has its moment, counted from the start, however long the others took. */
  private Waited await(int n) {
    BatchPlan plan = turn.plan();
    Duration moment = plan.perBatch().plus(plan.perItem().multipliedBy(n + 1L));
    boolean late = moment.compareTo(plan.window()) > 0;
    Duration until = late ? plan.window() : moment;
    while (!provider.isClosing()) {
      Duration left = until.minusNanos(System.nanoTime() - start);
      Duration wait = left.compareTo(LOOK_EVERY) > 0 ? LOOK_EVERY : left;
      if (batch.awaitCancel(wait)) {
        return Waited.CANCELLED;
      }
      if (left.compareTo(LOOK_EVERY) <= 0) {
        return late ? Waited.TOO_LATE : Waited.IN_TIME;
      }
    }
    return Waited.CLOSED;
  }

  private ItemEnding serve(BatchInput.Item item, JsonNode line) {
    if (share(turn.random(item.line())) < turn.plan().failRate().doubleValue()) {
      return new ItemEnding.Failed(turn.plan().failWith().refusal());
    }
    try {
      CallBody call = CallBody.of(form.call(line));
      PricedModel model = call.model(provider.prices, batch.order.created());
      if (call.flag("stream")) {
        throw WrongRequestException.at("stream", "stream is true: a batch does not stream");
      }
      Ask ask = dialect.read(call, model, Optional::of).inBatch(turn.plan().tierSaid());
      PrefixUse prefix = prefixes.use(ask, provider.now());
      prefixes.begun(ask, prefix, provider.now());
      Answer answer = Answer.to(ask);
      TokenUse use = TokenUse.of(ask, prefix, answer);
      var told = new Dialect.Told(id(item), provider.now(), answer, use);
      return new ItemEnding.Answered(
          model, new String(dialect.whole(ask, told), StandardCharsets.UTF_8), use);
    } catch (WrongRequestException e) {
      return new ItemEnding.Failed(e.refusal());
    }
  }

  /** A number from 0 (included) to 1 (excluded), out of the upper 53 bits. */
  private static double share(long random) {
    return (random >>> 11) * 0x1.0p-53;
  }

  private String id(BatchInput.Item item) {
    return String.format(Locale.ROOT, "%s-%06d", batch.id, item.line());
  }

  private void count(BatchInput.Item item, ItemEnding ending) {
    PricedModel model = provider.prices.find(item.model(), batch.order.created()).orElse(null);
    counted.ended(model, ending);
    batch.ended(ending);
  }

  private void end(Waited waited, StoredFiles.Draft output, StoredFiles.Draft errors)
      throws IOException {
    Batch.State end =
        switch (waited) {
          case TOO_LATE -> Batch.State.EXPIRED;
          case CANCELLED -> Batch.State.CANCELLED;
          case IN_TIME, CLOSED -> turn.expires() ? Batch.State.EXPIRED : Batch.State.COMPLETED;
        };
    if (end == Batch.State.COMPLETED) {
      batch.advance(Batch.State.FINALIZING, provider.now());
    }
    StoredFile results = keep(output, "output");
    StoredFile failures = keep(errors, "error");
    counted.ended(end);
    batch.over(end, results, failures, provider.now());
  }

  private @Nullable StoredFile keep(StoredFiles.Draft draft, String what) throws IOException {
    return draft.bytes() == 0
        ? null
        : draft.keep(
            batch.id + "_" + what + ".jsonl", "batch_output", provider.now(), turn.plan().kept());
  }
}
