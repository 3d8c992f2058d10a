package io.penstock.ingress.json;

/** What one reading takes of a room that many share; given back when it is closed. One thread. */
public interface RoomShare extends Room, AutoCloseable {
  @Override
  void close();
}
