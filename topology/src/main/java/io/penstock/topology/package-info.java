/**
 * The Kafka Streams flow. Begin with {@link io.penstock.topology.InferenceTopology}: it reads like
 * a table of contents, one package per stage in stage order.
 */
@NullMarked
package io.penstock.topology;

import org.jspecify.annotations.NullMarked;
