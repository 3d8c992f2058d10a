/** Stage 1: decode, re-key, claim idempotency keys, recognise what was seen before, judge. */
@NullMarked
package io.penstock.topology.admit;

import org.jspecify.annotations.NullMarked;
