/** The {@code penstock} command: starts the engine, or one part of it, and speaks to it. */
@NullMarked
package io.penstock.infra;

import org.jspecify.annotations.NullMarked;
