/** The commands, one class each. */
@NullMarked
package io.penstock.infra.command;

import org.jspecify.annotations.NullMarked;
