/** Budgets: what may be spent, who holds how much of it, and what a call takes from it. */
@NullMarked
package io.penstock.policies.budget;

import org.jspecify.annotations.NullMarked;
