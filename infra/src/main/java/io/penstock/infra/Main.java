package io.penstock.infra;

import io.penstock.infra.command.Penstock;

/** Where every Penstock process begins. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(Penstock.commandLine(System.getenv()).execute(arguments));
  }
}
