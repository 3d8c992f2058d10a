package io.penstock.ingress;

/**
 * Who is calling.
 *
 * @param tenant who pays for what is asked
 * @param operator whether everybody's requests and costs may be seen
 */
record Caller(String tenant, boolean operator) {
  boolean maySee(String tenant) {
    return operator || this.tenant.equals(tenant);
  }
}
