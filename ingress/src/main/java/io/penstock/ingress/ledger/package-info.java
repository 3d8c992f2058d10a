/** What was spent and avoided: the billing log, summed up. */
@NullMarked
package io.penstock.ingress.ledger;

import org.jspecify.annotations.NullMarked;
