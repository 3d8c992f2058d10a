/** The flow under a settable clock: given requests and results, what leaves the topology. */
@NullMarked
package io.penstock.topology;

import org.jspecify.annotations.NullMarked;
