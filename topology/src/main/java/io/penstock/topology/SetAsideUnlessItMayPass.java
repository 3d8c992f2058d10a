package io.penstock.topology;

import io.penstock.schemas.registry.RegistryException;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * What happens when processing a record throws. Trouble with what the topology stands on (registry,
 * broker, stores, disk) stops the thread, which is replaced and reads the record again: every
 * record would meet it, and none is to be blamed. Anything else is a bug that this record brings
 * out, and the record goes to the dead letters so that the others move on.
 */
public final class SetAsideUnlessItMayPass implements ProcessingExceptionHandler {
  private final ProcessingExceptionHandler setAside =
      new LogAndContinueProcessingExceptionHandler();

  @Override
  public void configure(Map<String, ?> configs) {
    setAside.configure(configs);
  }

  @Override
  public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception failure) {
    return mayPass(failure) ? Response.fail() : setAside.handleError(context, record, failure);
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
