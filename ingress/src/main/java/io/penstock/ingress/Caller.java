package io.penstock.ingress;

import org.jspecify.annotations.Nullable;

/**
 * Who is calling.
 *
 * @param tenant who pays for what is asked
 * @param operator whether everybody's requests and costs may be seen
 * @param keyId names the key, and tells nothing of it; null where nobody needs one
 */
record Caller(String tenant, boolean operator, @Nullable String keyId) {
  boolean maySee(String tenant) {
    return operator || this.tenant.equals(tenant);
  }
}
