/** The module map, and the whole engine as it runs. */
@NullMarked
package io.penstock.infra;

import org.jspecify.annotations.NullMarked;
