/** What it cost: the ledger for people, and pricing it again. */
@NullMarked
package io.penstock.infra.costs;

import org.jspecify.annotations.NullMarked;
