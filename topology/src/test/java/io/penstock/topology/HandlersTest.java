package io.penstock.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.registry.RegistryException;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.NetworkException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.errors.internals.DefaultErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which trouble is a record's own, and which would meet every record. */
final class HandlersTest {
  private static final ErrorHandlerContext CONTEXT =
      new DefaultErrorHandlerContext(
          null,
          "penstock.results",
          0,
          7,
          new RecordHeaders(),
          "settle",
          new TaskId(0, 0),
          0,
          new byte[0],
          new byte[0]);

  static Stream<Exception> everyRecordWouldMeetIt() {
    return Stream.of(
        new RegistryException.Unavailable("no registry", null),
        new RegistryException.Refused("wrong password"),
        new ProcessorStateException("no space left on device"),
        new TimeoutException("no broker"),
        new IllegalStateException(new NetworkException("wrapped")));
  }

  @ParameterizedTest
  @MethodSource("everyRecordWouldMeetIt")
  void troubleWithWhatTheTopologyStandsOnBlamesNoRecord(Exception trouble) {
    assertThat(processing(trouble)).isEqualTo(ProcessingExceptionHandler.Result.FAIL);
  }

  static Stream<Exception> itIsTheRecords() {
    return Stream.of(
        new IllegalStateException("a bug"),
        new NullPointerException(),
        new UndecodableException("rubbish", null));
  }

  @ParameterizedTest
  @MethodSource("itIsTheRecords")
  void whatOneRecordBringsOutSetsThatRecordAside(Exception bug) {
    assertThat(processing(bug)).isEqualTo(ProcessingExceptionHandler.Result.RESUME);
  }

  @ParameterizedTest
  @MethodSource("everyRecordWouldMeetIt")
  void anOutputIsPassedOverOnlyWhenNoTopicTakesIt(Exception trouble) {
    assertThat(production(trouble)).isEqualTo(ProductionExceptionHandler.Result.FAIL);
    assertThat(production(new RecordTooLargeException()))
        .isEqualTo(ProductionExceptionHandler.Result.RESUME);
  }

  private static ProcessingExceptionHandler.Result processing(Exception failure) {
    var handler = new SetAsideUnlessItMayPass();
    handler.configure(Map.of());
    return handler.handleError(CONTEXT, new Record<>("k", "v", 0), failure).result();
  }

  private static ProductionExceptionHandler.Result production(Exception failure) {
    var record = new ProducerRecord<byte[], byte[]>("penstock.responses", new byte[1]);
    return new PassOverTooLarge().handleError(CONTEXT, record, failure).result();
  }
}
