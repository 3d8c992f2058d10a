/**
 * Every decision of Penstock, pure: (request, state, now) to decision. No Kafka, no HTTP, no clock,
 * no threads, no randomness; an architecture test keeps it so.
 */
@NullMarked
package io.penstock.policies;

import org.jspecify.annotations.NullMarked;
