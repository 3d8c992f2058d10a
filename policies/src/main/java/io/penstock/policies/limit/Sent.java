package io.penstock.policies.limit;

import io.penstock.schemas.avro.Lane;

/**
 * A call as it was let go.
 *
 * @param number of the calls of its model, from 1
 * @param tokens of all of them so far, with this one
 * @param underWay calls of its model that were under way, with this one
 * @param bound whether no other of its kind might have gone beside it
 */
public record Sent(Lane lane, long number, long tokens, int underWay, boolean bound) {}
