/** Recordings of real topics on a real broker. */
@NullMarked
package io.penstock.replay;

import org.jspecify.annotations.NullMarked;
