/** Stage 5: the plan, an ordered list of models that may answer. */
@NullMarked
package io.penstock.topology.route;

import org.jspecify.annotations.NullMarked;
