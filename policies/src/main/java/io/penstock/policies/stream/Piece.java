package io.penstock.policies.stream;

import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.RawPart;

/** A step of an answer that is given piece by piece. */
public sealed interface Piece {
  /** Which of the answers it belongs to, from 0. */
  int choice();

  /** Which part of that answer. */
  int part();

  /** More of a part. */
  record More(Delta delta) implements Piece {
    @Override
    public int choice() {
      return delta.getChoice();
    }

    @Override
    public int part() {
      return delta.getPart();
    }
  }

  /** A part that only one API knows, and that therefore comes in one. */
  record Whole(int choice, int part, RawPart raw) implements Piece {}
}
