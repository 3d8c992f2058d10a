package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.costs.LedgerRepricing;
import io.penstock.infra.costs.RepricedPage;
import io.penstock.infra.engine.Closing;
import io.penstock.infra.engine.Engines;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.cost.Repricing;
import io.penstock.schemas.KafkaConnection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prices the ledger again. */
@Command(
    name = "reprice",
    mixinStandardHelpOptions = true,
    description = {
      "Prices the costs on the billing topic again by another price file, and prints old and new",
      "totals. Writes nothing unless --apply is given; then it writes every event whose amount is",
      "another once more, under its next revision. Tokens stay what they are, and what the file",
      "has no price for stays what it is. Doing it twice changes nothing more."
    })
final class RepriceCommand extends SettingOptions {
  private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");
  private static final long TOLD_EVERY = 100_000;

  @Spec private CommandSpec command;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "INSTANT",
      description = "costs that arose then or later: 2026-11-01, or 2026-11-01T06:00:00Z")
  private String from;

  @Option(names = "--to", paramLabel = "INSTANT", description = "costs that arose before")
  private @Nullable String to;

  @Option(
      names = "--prices",
      required = true,
      paramLabel = "FILE",
      description = "a price file, in the form of the one that ships")
  private Path prices;

  @Option(names = "--apply", description = "write what has changed")
  private boolean apply;

  private long told;

  RepriceCommand(Map<String, String> environment) {
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
    Instant begin = instant("--from", from);
    Instant end = to == null ? NEVER : instant("--to", to);
    if (!begin.isBefore(end)) {
      throw new CommandFailure("--to is not after --from: give a later instant");
    }
    var repricing = new Repricing(catalogue());
    Configuration configuration = configuration();
    try (var closing = new Closing()) {
      var run =
          new LedgerRepricing(
              new KafkaConnection(
                  configuration.kafka().bootstrapServers(), configuration.kafka().properties()),
              Engines.remote(configuration, closing).topics().billing(),
              repricing,
              begin,
              end);
      LedgerRepricing.Outcome outcome = run.run(apply, this::tell);
      command.commandLine().getOut().print(RepricedPage.of(outcome));
      command.commandLine().getOut().flush();
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private PriceCatalogue catalogue() {
    try (InputStream in = Files.newInputStream(prices)) {
      return PriceCatalogue.parse(in);
    } catch (IOException e) {
      throw new CommandFailure(
          "--prices: cannot read " + prices + ": name a file of prices in JSON");
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("--prices: " + prices + " cannot be used (" + e.getMessage() + ")");
    }
  }

  private static Instant instant(String option, String given) {
    try {
      var instant =
          given.contains("T")
              ? Instant.parse(given)
              : LocalDate.parse(given).atStartOfDay(ZoneOffset.UTC).toInstant();
      if (!instant.isBefore(Instant.EPOCH) && instant.isBefore(NEVER)) {
        return instant;
      }
    } catch (DateTimeException e) {
      // Said below.
    }
    throw new CommandFailure(
        option + " is \"" + given + "\": give an instant such as 2026-11-01T06:00:00Z");
  }

  private void tell(long records, long of) {
    if (records - told >= TOLD_EVERY) {
      told = records;
      command.commandLine().getErr().printf("read %,d of %,d records%n", records, of);
      command.commandLine().getErr().flush();
    }
  }
}
