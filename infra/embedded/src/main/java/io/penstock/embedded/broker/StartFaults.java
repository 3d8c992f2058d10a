package io.penstock.embedded.broker;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import kafka.server.FaultHandlerFactory;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.jspecify.annotations.Nullable;

/**
 * What happens when Kafka meets a fault. While the broker starts or stops, a fatal fault is kept
 * for the caller. While it serves, Kafka's own rule holds: the process ends at once, since a broker
 * that can no longer keep its log must not acknowledge records.
 */
final class StartFaults implements FaultHandlerFactory {
  private final FaultHandlerFactory standard = new StandardFaultHandlerFactory();
  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
  private volatile boolean serving;

  @Override
  public FaultHandler build(String name, boolean fatal, Runnable action) {
    FaultHandler served = standard.build(name, fatal, action);
    return (message, cause) -> {
      if (serving || !fatal) {
        return served.handleFault(message, cause);
      }
      action.run();
      first.compareAndSet(null, cause);
      return new FaultHandlerException(name + ": " + message, cause);
    };
  }

  void serving(boolean now) {
    serving = now;
  }

  /** The first fatal fault of the start: the cause of whatever failed after it. */
  Optional<Throwable> first() {
    return Optional.ofNullable(first.get());
  }
}
