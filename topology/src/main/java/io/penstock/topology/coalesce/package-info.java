/** Stage 3: join a request that is in flight already; the in-flight store lives here. */
@NullMarked
package io.penstock.topology.coalesce;

import org.jspecify.annotations.NullMarked;
