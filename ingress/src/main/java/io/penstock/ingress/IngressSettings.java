package io.penstock.ingress;

import io.penstock.ingress.batches.BatchLimits;
import io.penstock.policies.budget.Budgets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How an ingress behaves.
 *
 * @param clientId names this instance to the broker; instances of one cluster should differ, for
 *     the name also spreads them over the partitions of the responses topic
 * @param host to listen on
 * @param port to listen on; 0 takes a free one
 * @param dataDir for this instance alone: its index of responses and its ledger. What is lost is
 *     made anew from the log.
 * @param longestWait a caller waits no longer than this for an answer, whatever its deadline
 * @param deliveryTimeout a request that is not durable by then is refused as unavailable
 * @param bounds on what is taken in at once
 * @param onDisconnect what becomes of a request whose caller left
 * @param pulse a stream in which nothing happened for this long shows that it is alive; so those
 *     who left are found
 * @param budgets as this process knows them: those that nobody has used yet are told, too
 * @param batches bounds on files and batches
 */
public record IngressSettings(
    String clientId,
    String host,
    int port,
    Path dataDir,
    Duration longestWait,
    Duration deliveryTimeout,
    ApiKeys apiKeys,
    Bounds bounds,
    Disconnect onDisconnect,
    Duration pulse,
    Budgets budgets,
    BatchLimits batches) {

  public static final String LOOPBACK = "127.0.0.1";
  public static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
  public static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(5);
  public static final Duration PULSE = Duration.ofSeconds(10);

  public IngressSettings {
    if (clientId.isBlank()) {
      throw new IllegalArgumentException("the client id is blank");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("the port must lie between 0 and 65535; it is " + port);
    }
    if (!longestWait.isPositive() || !deliveryTimeout.isPositive() || !pulse.isPositive()) {
      throw new IllegalArgumentException(
          "the longest wait, the delivery timeout and the pulse are positive");
    }
  }

  /** With the usual bounds on files and batches. */
  public IngressSettings(
      String clientId,
      String host,
      int port,
      Path dataDir,
      Duration longestWait,
      Duration deliveryTimeout,
      ApiKeys apiKeys,
      Bounds bounds,
      Disconnect onDisconnect,
      Duration pulse,
      Budgets budgets) {
    this(
        clientId,
        host,
        port,
        dataDir,
        longestWait,
        deliveryTimeout,
        apiKeys,
        bounds,
        onDisconnect,
        pulse,
        budgets,
        BatchLimits.USUAL);
  }

  /** Without budgets. */
  public IngressSettings(
      String clientId,
      String host,
      int port,
      Path dataDir,
      Duration longestWait,
      Duration deliveryTimeout,
      ApiKeys apiKeys,
      Bounds bounds,
      Disconnect onDisconnect,
      Duration pulse) {
    this(
        clientId,
        host,
        port,
        dataDir,
        longestWait,
        deliveryTimeout,
        apiKeys,
        bounds,
        onDisconnect,
        pulse,
        Budgets.NONE);
  }

  /** With the usual bounds. */
  public IngressSettings(
      String clientId,
      String host,
      int port,
      Path dataDir,
      Duration longestWait,
      Duration deliveryTimeout,
      ApiKeys apiKeys) {
    this(clientId, host, port, dataDir, longestWait, deliveryTimeout, apiKeys, Bounds.usual());
  }

  /** Draining, with the usual pulse. */
  public IngressSettings(
      String clientId,
      String host,
      int port,
      Path dataDir,
      Duration longestWait,
      Duration deliveryTimeout,
      ApiKeys apiKeys,
      Bounds bounds) {
    this(
        clientId,
        host,
        port,
        dataDir,
        longestWait,
        deliveryTimeout,
        apiKeys,
        bounds,
        Disconnect.DRAIN,
        PULSE,
        Budgets.NONE);
  }

  /** On loopback, without API keys, with the usual patience. */
  public static IngressSettings of(String clientId, int port, Path dataDir) {
    return new IngressSettings(
        clientId, LOOPBACK, port, dataDir, LONGEST_WAIT, DELIVERY_TIMEOUT, ApiKeys.none());
  }
}
