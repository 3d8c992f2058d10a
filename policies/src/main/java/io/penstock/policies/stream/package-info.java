/** Answers in pieces: as they would have come, and what is missing of one that has begun. */
@NullMarked
package io.penstock.policies.stream;

import org.jspecify.annotations.NullMarked;
