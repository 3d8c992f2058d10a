/** Stage 2: answer from the exact cache. */
@NullMarked
package io.penstock.topology.exactcache;

import org.jspecify.annotations.NullMarked;
