package io.penstock.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.common.utils.Utils;

/**
 * How a client behaves.
 *
 * @param clientId names the client to the broker; two clients of one cluster should differ
 * @param deliveryTimeout a request that the broker has not acknowledged by then has failed
 * @param linger how long a request may wait for others to share a batch; zero on the request path
 * @param replies where responses are to arrive
 */
public record ClientSettings(
    String clientId, Duration deliveryTimeout, Duration linger, ReplyPartition replies) {

  /** The least time in which an acknowledgement can be asked for, missed, and asked for again. */
  private static final Duration LEAST_DELIVERY_TIMEOUT = Duration.ofMillis(100);

  public ClientSettings {
    if (clientId.isBlank()) {
      throw new IllegalArgumentException("the client id is blank");
    }
    if (linger.isNegative()) {
      throw new IllegalArgumentException("linger must not be negative; it is " + linger);
    }
    if (deliveryTimeout.minus(linger).compareTo(LEAST_DELIVERY_TIMEOUT) < 0) {
      throw new IllegalArgumentException(
          "the delivery timeout must exceed linger by "
              + LEAST_DELIVERY_TIMEOUT
              + "; it is "
              + deliveryTimeout);
    }
  }

  /** What suits a service on the request path. */
  public static ClientSettings of(String clientId) {
    return new ClientSettings(
        clientId, Duration.ofSeconds(5), Duration.ZERO, new ReplyPartition.ByClientId());
  }

  /** The one partition of the responses topic that a client reads. */
  public sealed interface ReplyPartition {
    /** Chosen by the client id, so that many clients spread over the partitions. */
    record ByClientId() implements ReplyPartition {}

    /** This one. */
    record Given(int partition) implements ReplyPartition {}
  }

  int replyPartition(int partitions) {
    return switch (replies) {
      case ReplyPartition.ByClientId() ->
          Utils.toPositive(Utils.murmur2(clientId.getBytes(StandardCharsets.UTF_8))) % partitions;
      case ReplyPartition.Given(int partition) -> {
        if (partition < 0 || partition >= partitions) {
          throw new IllegalArgumentException(
              "the reply partition must lie between 0 and "
                  + (partitions - 1)
                  + "; it is "
                  + partition);
        }
        yield partition;
      }
    };
  }
}
