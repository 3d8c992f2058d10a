/** Streamed answers: how pieces become an answer, and an answer pieces. */
@NullMarked
package io.penstock.policies.stream;

import org.jspecify.annotations.NullMarked;
