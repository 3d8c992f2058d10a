/** What the commands heed and say. */
@NullMarked
package io.penstock.infra.command;

import org.jspecify.annotations.NullMarked;
