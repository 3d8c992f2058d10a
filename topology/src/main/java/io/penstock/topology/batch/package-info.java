/** Stage 6, second half: dispatches that wait for others, in windows of their own. */
@NullMarked
package io.penstock.topology.batch;

import org.jspecify.annotations.NullMarked;
