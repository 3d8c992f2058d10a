/** What a call cost, what an answer avoided, and how we know. */
@NullMarked
package io.penstock.policies.cost;

import org.jspecify.annotations.NullMarked;
