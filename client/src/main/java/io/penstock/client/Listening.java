package io.penstock.client;

/** Somebody's interest in the pieces of an answer; closing ends it. Any thread. */
public interface Listening extends AutoCloseable {
  @Override
  void close();
}
