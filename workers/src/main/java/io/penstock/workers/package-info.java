/**
 * Workers take dispatches from share groups, call providers and write what came of it to the
 * results topic. Start at {@link io.penstock.workers.Workers}.
 */
@NullMarked
package io.penstock.workers;

import org.jspecify.annotations.NullMarked;
