package io.penstock.infra.config;

import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The catalogue of environment names that begin with {@code PENSTOCK_} and are no settings of the
 * engine.
 */
public enum OtherName {
  CONFIG("PENSTOCK_CONFIG", "the file to read instead of the penstock.yaml of this directory"),
  API_KEY("PENSTOCK_API_KEY", "the key that \"send\" shows to the ingress"),
  LIBRARY_LOG(
      "PENSTOCK_LIBRARY_LOG", "log level of Kafka's own classes (ERROR; WARN or INFO tell more)"),
  JVM_OPTIONS("PENSTOCK_JVM_OPTIONS", "further options for the JVM, for the launcher script"),
  AOT("PENSTOCK_AOT", "off: the launcher script neither makes nor uses the JDK's AOT cache");

  // Kubernetes tells every pod of every service: a service called penstock-http is told in
  // PENSTOCK_HTTP_PORT, as tcp://10.0.0.1:8080.
  private static final Pattern OF_A_SERVICE =
      Pattern.compile("PENSTOCK_(.*_)?(SERVICE_(HOST|PORT)|PORT_\\d+_(TCP|UDP|SCTP))(_.*)?");
  private static final Pattern ADDRESS_OF_A_SERVICE = Pattern.compile("(tcp|udp|sctp)://.*");

  private final String text;
  private final String meaning;

  OtherName(String text, String meaning) {
    this.text = text;
    this.meaning = meaning;
  }

  /** The name itself. */
  public String text() {
    return text;
  }

  public String meaning() {
    return meaning;
  }

  static boolean known(String name) {
    return Arrays.stream(values()).anyMatch(other -> other.text.equals(name));
  }

  /** Whether Kubernetes put it there to tell of a service. */
  static boolean ofAService(Map.Entry<String, String> variable) {
    String name = variable.getKey();
    return OF_A_SERVICE.matcher(name).matches()
        || (name.endsWith("_PORT") && ADDRESS_OF_A_SERVICE.matcher(variable.getValue()).matches());
  }
}
