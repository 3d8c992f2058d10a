/** Builds the parts of the engine from the configuration, and stops them in the right order. */
@NullMarked
package io.penstock.infra.engine;

import org.jspecify.annotations.NullMarked;
