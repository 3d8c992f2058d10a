package io.penstock.infra.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** A name by which people find the process that made a call. */
final class WorkerName {
  private WorkerName() {}

  static String ofThisProcess() {
    return host() + "-" + ProcessHandle.current().pid();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "worker";
    }
  }
}
