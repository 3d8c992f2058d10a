@NullMarked
package io.penstock.embedded.testing;

import org.jspecify.annotations.NullMarked;
