package io.penstock.topology.gate;

import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;

/** The flow's side of the gate. */
public final class Gated {
  private Gated() {}

  /** What has been let in, each request once; tells the gate how far the flow has read. */
  public static KStream<byte[], byte[]> in(KStream<byte[], byte[]> gated, Gate gate) {
    return gated.process(() -> new Doorkeeper(gate), Named.as("gate"));
  }

  /** Express as it is; tells the gate how long it took to come here. */
  public static KStream<byte[], byte[]> beside(KStream<byte[], byte[]> express, Gate gate) {
    return express.process(() -> new ExpressWatch(gate), Named.as("express-watch"));
  }
}
