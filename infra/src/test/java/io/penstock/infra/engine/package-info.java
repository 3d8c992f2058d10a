/** What an engine is made of, and the engine as a whole. */
@NullMarked
package io.penstock.infra.engine;

import org.jspecify.annotations.NullMarked;
