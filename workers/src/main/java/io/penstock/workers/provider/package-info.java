/**
 * Calling a provider: what its dialect looks like, and how any answer or mishap becomes a {@link
 * io.penstock.workers.provider.Result}. Nothing here retries.
 */
@NullMarked
package io.penstock.workers.provider;

import org.jspecify.annotations.NullMarked;
