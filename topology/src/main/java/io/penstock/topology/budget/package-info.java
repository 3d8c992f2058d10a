/** Budgets: what tasks set aside and spend, and who keeps each tenant's accounts. */
@NullMarked
package io.penstock.topology.budget;

import org.jspecify.annotations.NullMarked;
