package io.penstock.ingress.files;

import java.io.ByteArrayOutputStream;

/** The lines of a file, without their ends; blank ones are counted and passed over. */
public final class FileLines {
  private FileLines() {}

  /** Takes the lines of a file, one after the other. */
  public interface Taker {
    /**
     * @param number of the line in the file, from 1
     * @return whether to go on
     */
    boolean take(byte[] line, int number) throws InterruptedException;
  }

  /**
   * Hands over every line.
   *
   * @param longest of a longer line only so much is handed over, and one byte more
   * @throws FileException as the reading does
   */
  public static void each(FileReading file, int longest, Taker taker) throws InterruptedException {
    var line = new ByteArrayOutputStream();
    int number = 1;
    for (byte[] chunk = file.next(); chunk != null; chunk = file.next()) {
      int from = 0;
      for (int i = 0; i < chunk.length; i++) {
        if (chunk[i] == '\n') {
          keep(line, chunk, from, i, longest);
          if (!hand(line, number, taker)) {
            return;
          }
          number++;
          from = i + 1;
        }
      }
      keep(line, chunk, from, chunk.length, longest);
    }
    var _ = hand(line, number, taker);
  }

  private static void keep(
      ByteArrayOutputStream line, byte[] chunk, int from, int to, int longest) {
    line.write(chunk, from, Math.min(to - from, longest + 1 - line.size()));
  }

  private static boolean hand(ByteArrayOutputStream line, int number, Taker taker)
      throws InterruptedException {
    byte[] bytes = line.toByteArray();
    line.reset();
    return blank(bytes) || taker.take(bytes, number);
  }

  private static boolean blank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}
