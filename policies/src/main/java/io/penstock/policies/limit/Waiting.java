package io.penstock.policies.limit;

import io.penstock.schemas.avro.Lane;

/** A call that is to be made. Two of them are equal only if they are the same. */
public interface Waiting {
  Lane lane();

  String tenant();

  /** That it may use, input and output together. */
  long tokens();
}
