package io.penstock.topology;

import io.penstock.schemas.DeadLetters;
import io.penstock.schemas.registry.RegistryException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when processing a record throws. Trouble with what the topology stands on (registry,
 * broker, stores, disk) stops the thread, which is replaced and reads the record again: every
 * record would meet it, and none is to be blamed. Anything else is a bug that this record brings
 * out, and the record goes to the dead letters so that the others move on.
 */
public final class SetAsideUnlessItMayPass implements ProcessingExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(SetAsideUnlessItMayPass.class);

  private String deadLetters = ""; // Kafka Streams configures before it asks.

  @Override
  public void configure(Map<String, ?> configs) {
    deadLetters =
        Objects.requireNonNull(
                configs.get(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG))
            .toString();
  }

  @Override
  public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception failure) {
    if (mayPass(failure)) {
      return Response.fail();
    }
    LOG.error(
        "set aside: the record at {}-{} offset {} brings out a bug",
        context.topic(),
        context.partition(),
        context.offset(),
        failure);
    Headers headers =
        DeadLetters.mark(
            new RecordHeaders(context.headers()),
            context.topic(),
            context.partition(),
            context.offset(),
            "a bug of Penstock: " + failure);
    return Response.resume(
        List.of(
            new ProducerRecord<>(
                deadLetters, null, context.sourceRawKey(), context.sourceRawValue(), headers)));
  }

  private static boolean mayPass(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SerializationException) {
        return false; // This record's own content.
      }
      if (cause instanceof RegistryException || cause instanceof KafkaException) {
        return true;
      }
    }
    return false;
  }
}
