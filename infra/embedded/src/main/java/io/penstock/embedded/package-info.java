/** The embedded stack: what one JVM needs to run the whole of Penstock on a laptop. */
@NullMarked
package io.penstock.embedded;

import org.jspecify.annotations.NullMarked;
