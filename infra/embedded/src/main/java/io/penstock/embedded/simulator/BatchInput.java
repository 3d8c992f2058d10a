package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The lines of a batch. They are remembered by their places and read again when they are answered,
 * so that a full batch is never in memory. For one thread.
 */
final class BatchInput implements AutoCloseable {
  private final RandomAccessFile file;

  /**
   * A line that is not empty.
   *
   * @param number from 1
   * @param from where it begins
   */
  record Line(int number, long from, int length) {
    Item item(String customId, String model) {
      return new Item(number, customId, model, from, length);
    }
  }

  /**
   * One call of a batch.
   *
   * @param line number of its line, from 1
   * @param model as the call names it; empty where it names none
   */
  record Item(int line, String customId, String model, long from, int length) {}

  /** Who looks at every line. */
  @FunctionalInterface
  interface Reader {
    /**
     * Reads one.
     *
     * @param json empty where the line is no JSON
     * @return whether it wants to see more
     */
    boolean read(Line line, Optional<JsonNode> json);
  }

  BatchInput(Path path) throws IOException {
    file = new RandomAccessFile(path.toFile(), "r");
  }

  /** Reads every line in order. */
  void forEach(Reader reader) throws IOException {
    file.seek(0);
    InputStream in = new BufferedInputStream(Channels.newInputStream(file.getChannel()), 1 << 16);
    var line = new ByteArrayOutputStream();
    long from = 0;
    int number = 1;
    boolean more = true;
    for (int next = in.read(); more && (next >= 0 || line.size() > 0); next = in.read()) {
      if (next >= 0 && next != '\n') {
        line.write(next);
        continue;
      }
      byte[] json = line.toByteArray();
      more = isBlank(json) || reader.read(new Line(number, from, json.length), Json.read(json));
      from += json.length + 1L;
      number++;
      line.reset();
    }
  }

  private static boolean isBlank(byte[] json) {
    for (byte next : json) {
      if (next > ' ' || next < 0) {
        return false;
      }
    }
    return true;
  }

  /** The line of an item, which was JSON before. */
  JsonNode read(Item item) throws IOException {
    byte[] json = new byte[item.length()];
    file.seek(item.from());
    file.readFully(json);
    return Json.read(json).orElseThrow(() -> new IOException("line " + item.line() + " changed"));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
