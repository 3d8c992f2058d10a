package io.penstock.workers.provider;

import java.time.Duration;

/** Whether a call may be made, once that is known. */
public sealed interface Clearance {
  /** How long the call was held until it was known. */
  Duration held();

  /** It may, once, and must be put to {@link Providers#call} or given back. */
  record Granted(Permit permit, Duration held) implements Clearance {}

  /** It may not: nothing was sent. */
  record Refused(Result.Failed failure, Duration held) implements Clearance {}
}
