/** How long a dispatch waits for others, and what it gains by that. */
@NullMarked
package io.penstock.policies.batch;

import org.jspecify.annotations.NullMarked;
