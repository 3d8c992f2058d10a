package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/** What a provider's batches are made of: lines that go in, and lines that come out. Stateless. */
sealed interface BatchForm permits OpenAiBatchForm, AnthropicBatchForm {
  /** The dialect of a batch's calls. */
  Dialect dialect(Batch batch);

  /** Finds the items, and what is wrong with them; with any problem the batch is not begun. */
  Found find(BatchInput input, Batch batch, Prices prices) throws IOException;

  /** The call that a line holds. */
  JsonNode call(JsonNode line);

  /** Whether an item that ends like this is told among the errors, in a file of their own. */
  boolean isApart(ItemEnding ending);

  /**
   * The line that tells how an item ended, with its end; empty where none does.
   *
   * @param id of the answer
   */
  byte[] line(BatchInput.Item item, ItemEnding ending, Dialect dialect, String id);

  /** What there is in an input. */
  record Found(List<BatchInput.Item> items, List<Batch.Problem> problems) {
    public Found {
      items = List.copyOf(items);
      problems = List.copyOf(problems);
    }
  }
}
