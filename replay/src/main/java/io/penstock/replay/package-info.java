/**
 * Recorded traffic. So far this module records: {@link io.penstock.replay.Recorder} writes what
 * crosses the request, response and billing topics into one Avro file. Running and tuning on such
 * files come later and are not pretended here.
 */
@NullMarked
package io.penstock.replay;

import org.jspecify.annotations.NullMarked;
