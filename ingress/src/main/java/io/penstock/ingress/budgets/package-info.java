/** How budgets stand, as those who keep the accounts tell it. */
@NullMarked
package io.penstock.ingress.budgets;

import org.jspecify.annotations.NullMarked;
