package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.policies.Reason;
import io.penstock.policies.batch.JobRules;
import io.penstock.schemas.avro.InferenceRequest;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import okhttp3.HttpUrl;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The batches of one provider. Calls block their thread. For any thread; a {@link Draft} and {@link
 * Results} are for one.
 */
public final class Batches {
  private static final Logger LOG = LoggerFactory.getLogger(Batches.class);

  private final ProviderSettings settings;
  private final BatchApi api;
  private final BatchCalls calls;
  private final InstantSource clock;

  private Batches(BatchApi api, BatchCalls calls) {
    this.settings = calls.settings();
    this.api = api;
    this.calls = calls;
    this.clock = calls.clock();
  }

  /** The batches of a provider; empty when it takes none. */
  static Optional<Batches> of(BatchCalls calls) {
    return switch (calls.settings().traits().batches()) {
      case NONE -> Optional.empty();
      case OPENAI -> Optional.of(new Batches(new OpenAiBatches(calls), calls));
      case ANTHROPIC -> Optional.of(new Batches(new AnthropicBatches(calls), calls));
    };
  }

  /** Looks for a batch that was handed in under an id, at {@code since} or later. */
  public BatchFound find(String jobId, Instant since) throws BatchRefusedException {
    return api.find(jobId, since);
  }

  public BatchState state(String ref) throws BatchRefusedException {
    return api.state(ref);
  }

  /** Calls a batch off. What is done is billed and may be read. */
  public void cancel(String ref) throws BatchRefusedException {
    api.cancel(ref);
  }

  /** Begins to write a batch into a file. */
  public Draft draft(String jobId, Path file) throws IOException {
    return new Draft(jobId, file);
  }

  /** Deletes what a batch that was brought in has left at the provider, as far as that is ours. */
  public void tidy(BatchState.Over over) {
    for (HttpUrl left : over.left()) {
      try {
        calls.delete(left);
      } catch (BatchRefusedException e) {
        LOG.info("{} keeps a file of a batch: {}", settings.id(), e.getMessage());
      }
    }
  }

  /** Reads the results of a batch into a file. */
  public Results results(BatchState.Over over, Path file)
      throws IOException, BatchRefusedException {
    for (HttpUrl url : over.results()) {
      calls.download(url, file);
    }
    return new Results(file);
  }

  private Question question(String model, InferenceRequest request) {
    return settings.dialect().question(new Inquiry(settings, model, request, false, null));
  }

  /** A batch in the making. */
  public final class Draft implements Closeable {
    private final String jobId;
    private final Path file;
    private final BufferedSink sink;
    private @Nullable Question first;

    private Draft(String jobId, Path file) throws IOException {
      this.jobId = jobId;
      this.file = file;
      this.sink = Okio.buffer(Okio.sink(file));
      sink.writeUtf8(api.framing().before());
    }

    /**
     * Writes a line.
     *
     * @return why it could not be written; empty when it was
     */
    public Optional<Result.Failed> add(String id, String model, InferenceRequest request)
        throws IOException {
      Question question;
      try {
        question = question(model, request);
      } catch (InexpressibleException e) {
        return Optional.of(
            Result.Failed.of(
                Reason.UNSUPPORTED,
                "the API of %s has no words for %s; nothing was called"
                    .formatted(settings.id(), e.getMessage())));
      }
      if (first == null) {
        first = question;
      } else {
        sink.writeUtf8(api.framing().between());
      }
      api.write(sink, id, question);
      return Optional.empty();
    }

    /** Whether there is nothing to hand in. */
    public boolean isEmpty() {
      return first == null;
    }

    /**
     * Hands it in; nothing can be added then.
     *
     * @return the provider's name of it
     */
    public String submit() throws IOException, BatchRefusedException {
      if (first == null) {
        throw new IllegalStateException("a batch without lines");
      }
      sink.writeUtf8(api.framing().after());
      sink.close();
      return api.submit(jobId, first, file);
    }

    @Override
    public void close() throws IOException {
      sink.close();
    }
  }

  /** What came back, in a file; only where each line begins is in memory. */
  public final class Results implements Closeable {
    private final Map<String, Place> places = new HashMap<>();
    private final RandomAccessFile file;

    private Results(Path path) throws IOException {
      if (!Files.exists(path)) {
        Files.createFile(path); // There were no results.
      }
      index(path);
      this.file = new RandomAccessFile(path.toFile(), "r");
    }

    private void index(Path path) throws IOException {
      try (BufferedSource source = Okio.buffer(Okio.source(path))) {
        long at = 0;
        for (long end = source.indexOf((byte) '\n'); end >= 0; end = source.indexOf((byte) '\n')) {
          JsonNode line = Json.tree(source.readString(end, StandardCharsets.UTF_8));
          source.skip(1);
          if (line != null) {
            places.put(api.idOf(line), new Place(at, Math.toIntExact(end)));
          }
          at += end + 1;
        }
      }
    }

    /**
     * What became of a line. It is billed as a line of a batch, whatever its answer says.
     *
     * @return empty when the provider did not come to it
     */
    public Optional<Result> of(String id, String model, InferenceRequest request)
        throws IOException {
      Place place = places.get(id);
      if (place == null) {
        return Optional.empty();
      }
      var bytes = new byte[place.length()];
      file.seek(place.begin());
      file.readFully(bytes);
      JsonNode line = Json.tree(new String(bytes, StandardCharsets.UTF_8));
      return line == null
          ? Optional.empty()
          : Optional.ofNullable(api.read(question(model, request), line, clock.instant()))
              .map(Batches::asOfABatch);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private record Place(long begin, int length) {}

  private static Result asOfABatch(Result result) {
    return switch (result) {
      case Result.Answered(var answer, Bill bill) -> new Result.Answered(answer, tiered(bill));
      case Result.Failed failed -> failed.billed(tiered(failed.bill()));
    };
  }

  private static Bill tiered(Bill bill) {
    return new Bill(bill.model(), JobRules.TIER, bill.usage(), bill.notes(), bill.counted());
  }
}
