package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.penstock.embedded.testing.Stalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@ExtendWith(Penstock.Extension.class)
class StatusHttpTest {
  private static Penstock penstock;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
  }

  @Test
  void anyInstanceTellsWhatBecameOfARequest() {
    try (var here = penstock.ingress();
        var elsewhere = penstock.ingress()) {
      var id = here.infer("{\"prompt\":\"ask elsewhere\"}").id();
      awaitAnswer(elsewhere, id, "answer to ask elsewhere");
      var pending = later(here, "hold elsewhere");
      Awaitility.await().until(() -> status(elsewhere, pending), "accepted"::equals);
    }
  }

  @Test
  void anAnswerIsFoundAfterARestartWithTheSameDirectoryAndWithoutIt() {
    String name = Penstock.newName();
    var settings = IngressSettings.of(name, 0, penstock.directory(name));
    String id;
    String pending;
    try (var before = penstock.ingress(settings)) {
      id = before.infer("{\"prompt\":\"find me again\"}").id();
      pending = later(before, "hold over a restart");
      Awaitility.await().until(() -> status(before, id), "answered"::equals);
    }
    Penstock.awaitEnd(name);
    penstock.topology.release(pending); // while nobody is there
    try (var after = penstock.ingress(settings)) {
      awaitAnswer(after, id, "answer to find me again");
      awaitAnswer(after, pending, "released");
    }
    Penstock.awaitEnd(name);
    Directories.delete(settings.dataDir());
    try (var anew = penstock.ingress(settings)) {
      awaitAnswer(anew, id, "answer to find me again");
      awaitAnswer(anew, pending, "released");
    }
    Penstock.awaitEnd(name);
    Directories.damage(settings.dataDir());
    try (var mended = penstock.ingress(settings)) {
      awaitAnswer(mended, id, "answer to find me again");
    }
  }

  @Test
  void aCallerThatWaitsWhenTheInstanceStopsGetsItsId() {
    var stops = penstock.unhurried();
    var waiting = stops.inferLater("{\"prompt\":\"hold till the end\"}");
    Awaitility.await()
        .until(() -> penstock.topology.dispatched("hold till the end").size(), s -> s == 1);
    stops.close();
    var got = waiting.orTimeout(60, TimeUnit.SECONDS).join();
    assertThat(got.status()).as(got.body()).isEqualTo(202);
    penstock.topology.release(got.id());
    try (var other = penstock.ingress()) {
      awaitAnswer(other, got.id(), "released");
    }
  }

  @Test
  void anInstanceStopsInTimeWhateverItsCallersDo() throws IOException {
    var stops = penstock.ingress();
    var _ = stops.inferLater("{\"prompt\":\"hold while it stops in time\"}");
    try (var slow = new Socket(InetAddress.ofLiteral("127.0.0.1"), stops.port())) {
      String half = "POST /v1/inference HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";
      slow.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
      Awaitility.await()
          .until(() -> !penstock.topology.dispatched("hold while it stops in time").isEmpty());
      try (var stalls = new Stalls()) {
        stops.close();
        // Beside what is waited for there is something to do.
        assertThat(stalls.running()).isLessThan(Ingress.LONGEST_CLOSE.plusSeconds(1));
      }
    }
  }

  @Test
  void theTimesThatItsPartsTakeToStopAddUpToTwoSeconds() {
    assertThat(Ingress.LONGEST_CLOSE).isLessThanOrEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void twoInstancesDoNotShareADirectory() {
    String name = Penstock.newName();
    var settings = IngressSettings.of(name, 0, penstock.directory(name));
    try (var first = penstock.ingress(settings)) {
      assertThat(catchThrowable(() -> penstock.ingress(settings)))
          .isInstanceOf(IngressStartException.DirectoryInUse.class)
          .hasMessageContaining("choose another data directory");
      assertThat(first.infer("{\"prompt\":\"still here\"}").status()).isEqualTo(200);
    }
  }

  @Test
  void aBusyPortIsNamedWithTheRemedy() {
    try (var first = penstock.ingress()) {
      String name = Penstock.newName();
      var settings = IngressSettings.of(name, first.port(), penstock.directory(name));
      assertThat(catchThrowable(() -> penstock.ingress(settings)))
          .isInstanceOf(IngressStartException.PortBusy.class)
          .hasMessageContaining("port " + first.port())
          .hasMessageContaining("choose another HTTP port");
    }
  }

  @Test
  void aBusyPortIsNotReportedByAnyLibraryBesides() {
    var logger = (Logger) LoggerFactory.getLogger("io.javalin");
    Level before = logger.getLevel();
    var said = new ListAppender<ILoggingEvent>();
    said.start();
    logger.addAppender(said);
    logger.setLevel(Level.ERROR);
    try {
      try (var first = penstock.ingress()) {
        String name = Penstock.newName();
        var settings = IngressSettings.of(name, first.port(), penstock.directory(name));
        assertThat(catchThrowable(() -> penstock.ingress(settings)))
            .isInstanceOf(IngressStartException.PortBusy.class);
      }
      assertThat(said.list).isEmpty();
    } finally {
      logger.setLevel(before);
      logger.detachAppender(said);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ledger", "status"})
  void aViewThatCannotBeOpenedIsNamedWithTheRemedy(String view) throws IOException {
    String name = Penstock.newName();
    var settings = IngressSettings.of(name, 0, penstock.directory(name));
    Files.createDirectories(settings.dataDir());
    Files.writeString(settings.dataDir().resolve(view), "in the way");
    assertThat(catchThrowable(() -> penstock.ingress(settings)))
        .isInstanceOf(IngressStartException.DirectoryUnusable.class)
        .hasMessageContaining(view)
        .hasMessageContaining("choose another data directory");
  }

  /** The id of a request whose caller did not wait long enough. */
  private static String later(Http http, String prompt) {
    String body = "{\"prompt\":\"" + prompt + "\",\"deadline_ms\":300}";
    return http.postUntilStored("/v1/inference", body).id();
  }

  private static void awaitAnswer(Http http, String id, String text) {
    Awaitility.await()
        .until(
            () -> http.get("/v1/requests/" + id).json().path("response").path("text").asText(),
            text::equals);
  }

  private static String status(Http http, String id) {
    return http.get("/v1/requests/" + id).json().path("status").asText();
  }
}
