package io.penstock.schemas;

import org.jspecify.annotations.Nullable;

/** Why the topics could not be made ready. The message is one line and names the remedy. */
public abstract sealed class ProvisioningException extends RuntimeException {
  private ProvisioningException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** No broker answered in time: worth trying again. */
  public static final class Unavailable extends ProvisioningException {
    Unavailable(String doing, Throwable cause) {
      super(
          doing
              + ": no answer from Kafka ("
              + cause.getMessage()
              + "); check the bootstrap servers",
          cause);
    }
  }

  /** The broker said no: permissions, policies, or a setting that it does not know. */
  public static final class Refused extends ProvisioningException {
    Refused(String doing, Throwable cause) {
      super(
          doing
              + ": Kafka refused ("
              + cause.getMessage()
              + "); check the permissions of this client, and that the brokers are 4.2 or newer",
          cause);
    }
  }

  /**
   * A topic has another number of partitions than the catalogue. Changing it would part requests
   * from the answers in the stores.
   */
  public static final class PartitionsDiffer extends ProvisioningException {
    PartitionsDiffer(String topic, int found, int wanted) {
      super(
          "topic "
              + topic
              + " has "
              + found
              + " partitions, not "
              + wanted
              + "; configure "
              + found
              + " partitions, or use another topic prefix",
          null);
    }
  }
}
