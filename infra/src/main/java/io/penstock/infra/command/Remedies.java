package io.penstock.infra.command;

import io.penstock.embedded.broker.BrokerStartException;
import io.penstock.embedded.registry.PortBusyException;
import io.penstock.infra.config.ConfigurationException;
import io.penstock.ingress.IngressStartException;
import io.penstock.ingress.view.TableException;
import io.penstock.schemas.ProvisioningException;
import io.penstock.schemas.registry.RegistryException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.errors.StreamsException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** What people see when a command cannot do its work: one line with a remedy, not a stack trace. */
final class Remedies implements IExecutionExceptionHandler {
  private static final int WRONG_SETTINGS = 2;
  private static final int FAILED = 1;

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    return switch (failure) {
      case ConfigurationException wrong -> tell(command, wrong.getMessage(), WRONG_SETTINGS);
      case BrokerStartException.PortBusy busy ->
          tell(command, busy.getMessage() + " (--kafka-port)", FAILED);
      case BrokerStartException start ->
          tell(command, start.getMessage() + " (--data-dir)", FAILED);
      case PortBusyException busy ->
          tell(command, busy.getMessage() + " (--registry-port)", FAILED);
      case IngressStartException.PortBusy busy ->
          tell(command, busy.getMessage() + " (--http-host, --http-port)", FAILED);
      case IngressStartException start ->
          tell(command, start.getMessage() + " (--data-dir)", FAILED);
      case TableException table -> tell(command, table.getMessage() + " (--data-dir)", FAILED);
      case ProvisioningException topics -> tell(command, topics.getMessage(), FAILED);
      case RegistryException registry -> tell(command, registry.getMessage(), FAILED);
      case StreamsException streams ->
          tell(
              command,
              "the topology cannot keep its state ("
                  + reason(streams)
                  + "): stop whoever uses its directory, make it writable or choose another one"
                  + " (--data-dir)",
              FAILED);
      case KafkaException kafka ->
          tell(
              command,
              "Kafka cannot be used (" + reason(kafka) + "): check --kafka and --kafka-properties",
              FAILED);
      case UncheckedIOException io -> tell(command, io.getMessage(), FAILED);
      case CommandFailure told -> tell(command, told.getMessage(), FAILED);
      default -> {
        failure.printStackTrace(command.getErr());
        yield tell(command, "this is a bug in Penstock: please report the lines above", FAILED);
      }
    };
  }

  // Kafka says what is wrong in the innermost exception.
  private static String reason(Throwable failure) {
    Throwable innermost = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      innermost = cause;
    }
    return String.valueOf(innermost.getMessage());
  }

  private static int tell(CommandLine command, @Nullable String message, int exitCode) {
    command.getErr().println("penstock: " + message);
    command.getErr().flush();
    return exitCode;
  }
}
