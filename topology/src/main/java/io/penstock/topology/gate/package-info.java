/**
 * The gate before the batch lane: lets a backlog into the flow no faster than express bears, and
 * each request once.
 */
@NullMarked
package io.penstock.topology.gate;

import org.jspecify.annotations.NullMarked;
