/** How many calls of a model may be under way at a time, and whose turn it is to make the next. */
@NullMarked
package io.penstock.policies.limit;

import org.jspecify.annotations.NullMarked;
