/**
 * The vocabulary every module speaks: the Avro records that cross topics (generated, in {@code
 * avro}), the {@link io.penstock.schemas.Topics} catalogue, serdes in the Confluent wire format,
 * and the types for money and tokens.
 */
@NullMarked
package io.penstock.schemas;

import org.jspecify.annotations.NullMarked;
