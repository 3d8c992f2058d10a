package io.penstock.infra.send;

import java.io.PrintWriter;

/** A progress bar on a terminal, and silence elsewhere. May be told from any thread. */
public final class Progress {
  private static final int WIDTH = 40;

  private final PrintWriter out;
  private final int total;
  private final boolean terminal;

  public Progress(PrintWriter out, int total, boolean terminal) {
    this.out = out;
    this.total = total;
    this.terminal = terminal;
  }

  synchronized void show(int done) {
    boolean step = done == total || done % Math.max(1, total / 200) == 0;
    if (terminal && step) {
      int filled = (int) ((long) done * WIDTH / total);
      out.print(
          "\r[%s%s] %d of %d"
              .formatted("#".repeat(filled), ".".repeat(WIDTH - filled), done, total));
      out.flush();
    }
  }

  synchronized void end() {
    if (terminal) {
      out.println();
      out.flush();
    }
  }
}
