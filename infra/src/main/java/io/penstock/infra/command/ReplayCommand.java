package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Closing;
import io.penstock.infra.engine.Engine;
import io.penstock.infra.engine.Engines;
import io.penstock.replay.Recorder;
import io.penstock.schemas.KafkaConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Recorded traffic. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = "Records traffic. Running and tuning on recordings is not built yet.",
    synopsisSubcommandLabel = "COMMAND")
final class ReplayCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Writes traffic to a file. */
  @Command(
      name = "record",
      mixinStandardHelpOptions = true,
      description = {
        "Records requests, responses and cost events into one Avro file, beside the running engine.",
        "The file holds the prompts and answers themselves: treat it as you treat them."
      })
  static final class Recording extends SettingOptions {
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(5);

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "file to write")
    private Path out;

    @Option(
        names = "--all",
        description = "begin with everything the topics hold and stop when caught up")
    private boolean all;

    @Option(
        names = "--seconds",
        paramLabel = "N",
        defaultValue = "86400",
        description = "how long to record from now on (default: a day; Ctrl-C ends it well)")
    private long seconds;

    Recording(Map<String, String> environment) {
      super(
          environment,
          EnumSet.of(
              Setting.KAFKA,
              Setting.KAFKA_PROPERTIES,
              Setting.REGISTRY_URL,
              Setting.REGISTRY_USER,
              Setting.REGISTRY_TRUSTSTORE,
              Setting.REGISTRY_KEYSTORE,
              Setting.TOPIC_PREFIX,
              Setting.TOPIC_PARTITIONS));
    }

    @Override
    public Integer call() {
      Configuration configuration = configuration();
      try (var closing = new Closing()) {
        Engine engine = Engines.remote(configuration, closing);
        var recorder =
            new Recorder(
                new KafkaConnection(
                    configuration.kafka().bootstrapServers(), configuration.kafka().properties()),
                engine.topics());
        var written = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(ending(recorder::stop, written, ENDED_WITHIN));
        try {
          record(recorder);
        } finally {
          written.countDown();
        }
        return 0;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write " + out + ": name another file", e);
      }
    }

    private void record(Recorder recorder) throws IOException {
      var recorded =
          recorder.run(
              out,
              all ? Recorder.From.BEGINNING : Recorder.From.NOW,
              all
                  ? new Recorder.Until.CaughtUp()
                  : new Recorder.Until.Elapsed(Duration.ofSeconds(seconds)),
              progress -> {});
      say(
          "%s: %d requests, %d responses, %d cost events, %d unreadable records left out",
          out,
          recorded.requests(),
          recorded.responses(),
          recorded.costEvents(),
          recorded.unreadable());
    }

    /** What Ctrl-C does: the JVM must not end while the file is still written. */
    static Thread ending(Runnable stop, CountDownLatch written, Duration patience) {
      return Thread.ofPlatform()
          .name("shutdown")
          .unstarted(() -> {
            stop.run();
            try {
              boolean _ = written.await(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
  }
}
