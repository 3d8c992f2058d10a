/** How workers call providers: what an error means, when to try again, how long to wait. */
@NullMarked
package io.penstock.policies.calling;

import org.jspecify.annotations.NullMarked;
