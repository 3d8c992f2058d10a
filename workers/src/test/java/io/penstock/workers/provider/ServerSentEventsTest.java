package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.penstock.workers.provider.ServerSentEvents.Event;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerSentEventsTest {
  private static final int LARGEST = 1000;
  private static final String MIXED =
      "\uFEFFdata: one\n\n: a comment\nevent: named\r\ndata:two\r\n\r\nid: 7\rdata: thrée 😀\rdata:  four\r\rretry: 5\n\ndata\n\ndata: last";

  private static final List<Event> READ =
      List.of(
          new Event("", "one", true),
          new Event("named", "two", true),
          new Event("", "thrée 😀\n four", true),
          new Event("", "", true),
          new Event("", "last", false));

  @Test
  void allLineEndingsCommentsAndSpacesAreUnderstood() throws IOException {
    assertThat(read(MIXED, 8192)).isEqualTo(READ);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 11, 64})
  void itDoesNotMatterWhereBuffersAreCut(int size) throws IOException {
    assertThat(read(MIXED, size)).isEqualTo(READ);
  }

  @Test
  void anEventWithoutDataIsNone() throws IOException {
    assertThat(read("event: ping\n\nevent: x\nid: 1\n\ndata: a\n\n", 8192))
        .containsExactly(new Event("", "a", true));
  }

  @Test
  void aNameIsForItsEventOnly() throws IOException {
    assertThat(read("event: x\n\ndata: a\n\n", 8192)).containsExactly(new Event("", "a", true));
  }

  @Test
  void nothingIsNoEvent() throws IOException {
    assertThat(read("", 8192)).isEmpty();
    assertThat(read("\n\n\r\n\r", 8192)).isEmpty();
    assertThat(read(": only comments\n\n", 8192)).isEmpty();
  }

  @Test
  void aLineWithoutEndIsNotReadToItsEnd() {
    var endless = new Endless("data: x");
    assertThatExceptionOfType(ServerSentEvents.TooLargeException.class)
        .isThrownBy(() -> new ServerSentEvents(endless, LARGEST).next());
    assertThat(endless.read).isLessThan(20_000);
  }

  @Test
  void anEventOfEndlessLinesIsNotReadToItsEnd() {
    var endless = new Endless("data: x\n");
    assertThatExceptionOfType(ServerSentEvents.TooLargeException.class)
        .isThrownBy(() -> new ServerSentEvents(endless, LARGEST).next());
    assertThat(endless.read).isLessThan(20_000);
  }

  @Test
  void rubbishNeverBreaksTheParser() throws IOException {
    var random = new Random(7);
    String letters = "data: event\r\n\n:xé😀";
    for (int round = 0; round < 2000; round++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(60); i > 0; i--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      assertThat(read(text.toString(), 1 + random.nextInt(9)))
          .isEqualTo(read(text.toString(), 8192));
    }
  }

  private static List<Event> read(String text, int atOnce) throws IOException {
    var events =
        new ServerSentEvents(new Sips(text.getBytes(StandardCharsets.UTF_8), atOnce), LARGEST);
    var read = new ArrayList<Event>();
    for (Event event = events.next(); event != null; event = events.next()) {
      read.add(event);
    }
    return read;
  }

  /** A stream that gives only so many bytes at once. */
  private static final class Sips extends ByteArrayInputStream {
    private final int atOnce;

    Sips(byte[] bytes, int atOnce) {
      super(bytes);
      this.atOnce = atOnce;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) {
      return super.read(into, offset, Math.min(length, atOnce));
    }
  }

  /** A stream that says the same again and again. */
  private static final class Endless extends InputStream {
    private final byte[] said;
    private long read;

    Endless(String said) {
      this.said = said.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int read() {
      return said[(int) (read++ % said.length)];
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      for (int i = 0; i < length; i++) {
        into[offset + i] = (byte) read();
      }
      return length;
    }
  }
}
