package io.penstock.infra.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;

/**
 * Leaves out what Javalin logs when it cannot start: it throws as well, and whoever started it
 * tells the reason with a remedy. Its other errors, a handler's for instance, are logged only.
 */
public final class StartFailures extends Filter<ILoggingEvent> {
  private static final String LOGGER = "io.javalin.Javalin";
  private static final String MESSAGE = "Failed to start Javalin";

  @Override
  public FilterReply decide(ILoggingEvent event) {
    return event.getLoggerName().equals(LOGGER) && event.getMessage().startsWith(MESSAGE)
        ? FilterReply.DENY
        : FilterReply.NEUTRAL;
  }
}
