package io.penstock.infra.command;

/** A command could not do what was asked; the message is for people and names the remedy. */
final class CommandFailure extends RuntimeException {
  CommandFailure(String message) {
    super(message);
  }
}
