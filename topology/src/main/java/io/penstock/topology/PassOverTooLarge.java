package io.penstock.topology;

import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a record cannot be written. One that no topic takes would come again after
 * every restart and stop its partition for good: it is passed over, loudly. Anything else stops the
 * thread, which is replaced and does its work again.
 */
public final class PassOverTooLarge implements ProductionExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(PassOverTooLarge.class);

  @Override
  public void configure(Map<String, ?> configs) {}

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception failure) {
    if (!(failure instanceof RecordTooLargeException)) {
      return Response.fail();
    }
    LOG.error(
        "a record for {} is lost, because it is too large: it came of {}-{} offset {}",
        record.topic(),
        context.topic(),
        context.partition(),
        context.offset(),
        failure);
    return Response.resume();
  }
}
