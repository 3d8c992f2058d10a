package io.penstock.ingress.json;

/** Room for what is being taken in. */
@FunctionalInterface
public interface Room {
  /** As much as is wanted: for what has a bound already. */
  Room ENDLESS = _ -> true;

  /** Takes room for so much more; false when there is none. */
  boolean grow(int bytes);
}
