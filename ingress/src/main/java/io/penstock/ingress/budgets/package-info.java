/** Balances of budgets, as those who keep the accounts tell them. */
@NullMarked
package io.penstock.ingress.budgets;

import org.jspecify.annotations.NullMarked;
