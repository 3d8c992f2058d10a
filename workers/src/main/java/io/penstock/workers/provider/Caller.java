package io.penstock.workers.provider;

import io.penstock.schemas.avro.Lane;

/**
 * For whom a call is made: where calls have to wait, lanes and tenants take turns.
 *
 * @param tokens that the call may use, input and output together
 */
public record Caller(Lane lane, String tenant, long tokens) {}
