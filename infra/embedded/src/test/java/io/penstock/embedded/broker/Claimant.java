package io.penstock.embedded.broker;

import io.penstock.embedded.testing.ChildProcess;
import java.io.IOException;
import java.nio.file.Path;

/** Claims a data directory in a process of its own. */
final class Claimant {
  private Claimant() {}

  static void main(String[] args) throws IOException {
    try (var directory = DataDirectory.claim(Path.of(args[0]))) {
      ChildProcess.ready(directory.clusterId());
    }
  }
}
