/**
 * The Java client: a request is produced to its lane and its response awaited by request id. Any
 * Kafka producer can do the same without it; the topic and the schema are the contract.
 */
@NullMarked
package io.penstock.client;

import org.jspecify.annotations.NullMarked;
