package io.penstock.infra.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;

final class StartFailuresTest {
  @Test
  void whatIsThrownAnywayIsNotLoggedAndAHandlersErrorIs() {
    var context = new LoggerContext();
    var shown = new ListAppender<ILoggingEvent>();
    shown.addFilter(new StartFailures());
    shown.start();
    var javalin = context.getLogger("io.javalin.Javalin");
    javalin.addAppender(shown);
    javalin.error("Failed to start Javalin");
    javalin.error("Exception occurred while servicing http-request");
    assertThat(shown.list)
        .extracting(ILoggingEvent::getMessage)
        .containsExactly("Exception occurred while servicing http-request");
  }
}
