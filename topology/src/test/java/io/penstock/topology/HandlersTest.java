package io.penstock.topology;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.Names;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.registry.RegistryException;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.NetworkException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.StreamsConfig;
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
  private static final byte[] VALUE = {1, 2, 3};

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
          VALUE);

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
  void whatOneRecordBringsOutSetsThatRecordAsideWithTheReason(Exception bug) {
    assertThat(processing(bug)).isEqualTo(ProcessingExceptionHandler.Result.RESUME);
    ProducerRecord<byte[], byte[]> dead = handled(bug).deadLetterQueueRecords().getFirst();
    assertThat(dead.topic()).isEqualTo("penstock.dead-letters");
    assertThat(dead.value()).isEqualTo(VALUE);
    assertThat(new String(dead.headers().lastHeader(Names.HEADER_REASON).value(), UTF_8))
        .contains(bug.getClass().getName());
    assertThat(new String(dead.headers().lastHeader(Names.HEADER_OFFSET).value(), UTF_8))
        .isEqualTo("7");
  }

  @ParameterizedTest
  @MethodSource("everyRecordWouldMeetIt")
  void anOutputIsPassedOverOnlyWhenNoTopicTakesIt(Exception trouble) {
    assertThat(production(trouble)).isEqualTo(ProductionExceptionHandler.Result.FAIL);
    assertThat(production(new RecordTooLargeException()))
        .isEqualTo(ProductionExceptionHandler.Result.RESUME);
  }

  private static ProcessingExceptionHandler.Result processing(Exception failure) {
    return handled(failure).result();
  }

  private static ProcessingExceptionHandler.Response handled(Exception failure) {
    var handler = new SetAsideUnlessItMayPass();
    handler.configure(
        Map.of(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, "penstock.dead-letters"));
    return handler.handleError(CONTEXT, new Record<>("k", "v", 0), failure);
  }

  private static ProductionExceptionHandler.Result production(Exception failure) {
    var record = new ProducerRecord<byte[], byte[]>("penstock.responses", new byte[1]);
    return new PassOverTooLarge().handleError(CONTEXT, record, failure).result();
  }
}
