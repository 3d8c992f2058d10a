/** Stage 6: open a flight and hand its dispatch to workers, one request each. */
@NullMarked
package io.penstock.topology.dispatch;

import org.jspecify.annotations.NullMarked;
