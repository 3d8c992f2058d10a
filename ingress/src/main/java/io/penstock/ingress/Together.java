package io.penstock.ingress;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;

/** What does not need one another, and so is closed all at the same time. */
final class Together implements AutoCloseable {
  private final List<AutoCloseable> parts = new CopyOnWriteArrayList<>();

  <T extends AutoCloseable> T add(T part) {
    parts.add(part);
    return part;
  }

  /** Closes everything, whatever fails on the way; one of the failures is thrown at the end. */
  @Override
  public void close() {
    var closing = new ArrayList<CompletableFuture<Void>>();
    for (AutoCloseable part : parts) {
      closing.add(CompletableFuture.runAsync(() -> close(part), Thread::startVirtualThread));
    }
    parts.clear();
    CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new)).join();
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }
}
