package io.penstock.policies.limit;

import io.penstock.schemas.avro.Lane;
import java.util.Map;

/**
 * The calls of one model of one provider.
 *
 * @param limit how many may be under way
 * @param underWay how many are
 * @param waiting by lane, how many wait
 * @param refusals how often the limit was cut because calls were refused
 * @param slow how often because answers began late
 */
public record Traffic(
    int limit, int underWay, Map<Lane, Integer> waiting, long refusals, long slow) {}
