@NullMarked
package io.penstock.workers;

import org.jspecify.annotations.NullMarked;
