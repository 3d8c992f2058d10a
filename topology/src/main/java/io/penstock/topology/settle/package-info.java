/** Stage 7: what workers report fills the cache, answers requesters and becomes cost events. */
@NullMarked
package io.penstock.topology.settle;

import org.jspecify.annotations.NullMarked;
