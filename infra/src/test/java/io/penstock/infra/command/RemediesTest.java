package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class RemediesTest {
  @Test
  void aStateDirectoryThatIsInUseOrUnwritableIsToldWithItsFlag() {
    assertThat(told(new StreamsException("Unable to initialize state")))
        .startsWith("penstock: the topology cannot keep its state (Unable to initialize state)")
        .contains("(--data-dir)")
        .hasLineCount(1);
    assertThat(told(new ProcessorStateException("base state directory can't be created")))
        .contains("can't be created", "(--data-dir)")
        .hasLineCount(1);
  }

  @Test
  void whatKafkaFoundWrongIsToldFromItsInnermostCause() {
    assertThat(told(new KafkaException("Failed to create", new KafkaException("No such login"))))
        .startsWith("penstock: Kafka cannot be used (No such login)")
        .hasLineCount(1);
  }

  @Test
  void aBugOfOursShowsWhereItIs() {
    assertThat(told(new IllegalStateException("never")))
        .contains("at io.penstock", "this is a bug in Penstock");
  }

  private static String told(RuntimeException failure) {
    var err = new StringWriter();
    CommandLine line = Penstock.commandLine(Map.of()).setErr(new PrintWriter(err, true));
    int exitCode = new Remedies().handleExecutionException(failure, line, line.parseArgs());
    assertThat(exitCode).isEqualTo(1);
    return err.toString();
  }
}
